import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { SottoError, check, concatBytes, labelled, labels, randomBytes, toHex, utf8 } from '@sotto/protocol'

const formatVersion = 1
const nonceLength = 12
const pseudonymsCached = 4096

/** What a sealed value holds: the key of its row, so that names can be listed although they stand nowhere in plain, and the row's bytes. */
export interface Unsealed {
  readonly key: string
  readonly value: Uint8Array
}

/**
 * Seals row values and hides names, under two keys that HKDF-SHA-256 (RFC 5869) makes of a store's root key.
 *
 * A sealed value is the format version (one byte, 1), 12 random bytes of nonce, and AES-256-GCM over: the key's length in bytes (16 bits, big
 * endian), the key (UTF-8), the value. Its associated data names the place, by the pseudonyms of table and key, so that a value moved
 * elsewhere does not open. Random nonces are safe for 2^32 values under one key (NIST SP 800-38D, 8.3): thirty rows a second for four years.
 */
export class Seal {
  readonly #values: CryptoKey
  /** An HMAC that has taken its key in already. In JavaScript, because names are short and many: WebCrypto takes five times as long. */
  readonly #names: ReturnType<typeof hmac.create>
  readonly #pseudonyms = new Map<string, string>()

  private constructor(values: CryptoKey, names: Uint8Array) {
    this.#values = values
    this.#names = hmac.create(sha256, names)
  }

  /** `root` is an HKDF key; `name` is the store's, so that one root never serves two stores. */
  static async of(root: CryptoKey, name: string): Promise<Seal> {
    const { subtle } = globalThis.crypto
    const derivation = (info: Uint8Array) => ({
      name: 'HKDF',
      hash: 'SHA-256',
      salt: new Uint8Array(0),
      info: info as Uint8Array<ArrayBuffer>,
    })
    const [values, names] = await Promise.all([
      subtle.deriveKey(
        derivation(labelled(labels.storeKey, utf8(name))),
        root,
        { name: 'AES-GCM', length: 256 },
        false,
        ['encrypt', 'decrypt'],
      ),
      subtle.deriveBits(derivation(labelled(labels.storeName, utf8(name))), root, 256),
    ])
    return new Seal(values, new Uint8Array(names))
  }

  /** 16 bytes of HMAC, as 32 hexadecimal digits. */
  table(table: string): string {
    return this.#pseudonym(table)
  }

  /** 16 bytes of HMAC over table and name, as 32 hexadecimal digits: one name has another pseudonym in each table. */
  name(table: string, name: string): string {
    return this.#pseudonym(`${table}\0${name}`)
  }

  /** A key is `NAME` or `NAME/SORT`. The name becomes its pseudonym; the sort part stays, because the store must order by it. */
  key(table: string, key: string): string {
    const slash = key.indexOf('/')
    return slash < 0 ? this.name(table, key) : this.name(table, key.slice(0, slash)) + key.slice(slash)
  }

  async seal(table: string, key: string, value: Uint8Array): Promise<Uint8Array> {
    const name = utf8(key)
    check(name.length < 0x1_0000, 'wrong-argument', { name: 'key' })
    const plain = concatBytes(Uint8Array.of(name.length >> 8, name.length & 255), name, value)
    const nonce = randomBytes(nonceLength)
    const sealed = await globalThis.crypto.subtle.encrypt(
      this.#parameters(nonce, this.table(table), this.key(table, key)),
      this.#values,
      plain as Uint8Array<ArrayBuffer>,
    )
    return concatBytes(Uint8Array.of(formatVersion), nonce, new Uint8Array(sealed))
  }

  /** Opens what lies under `storedKey` of `table`. Throws `store-damaged` for what was not sealed by this seal for this place, `unsupported-version` for a newer format. */
  async open(table: string, storedKey: string, sealed: Uint8Array): Promise<Unsealed> {
    check((sealed[0] ?? 0) <= formatVersion, 'unsupported-version', { what: 'store' })
    check(sealed[0] === formatVersion, 'store-damaged', { what: table })
    const parameters = this.#parameters(sealed.subarray(1, 1 + nonceLength), this.table(table), storedKey)
    let plain: Uint8Array
    try {
      const body = sealed.subarray(1 + nonceLength) as Uint8Array<ArrayBuffer>
      plain = new Uint8Array(await globalThis.crypto.subtle.decrypt(parameters, this.#values, body))
    } catch (cause) {
      throw new SottoError('store-damaged', { what: table }, { cause })
    }
    const end = 2 + (((plain[0] ?? 0) << 8) | (plain[1] ?? 0))
    check(plain.length >= end, 'store-damaged', { what: table })
    const key = new TextDecoder().decode(plain.subarray(2, end))
    return { key, value: plain.subarray(end) }
  }

  #parameters(nonce: Uint8Array, table: string, key: string): AesGcmParams {
    return {
      name: 'AES-GCM',
      iv: nonce as Uint8Array<ArrayBuffer>,
      additionalData: labelled(labels.storeValue, utf8(`${table}/${key}`)) as Uint8Array<ArrayBuffer>,
    }
  }

  #pseudonym(text: string): string {
    const known = this.#pseudonyms.get(text)
    if (known !== undefined) return known
    const made = toHex(
      this.#names
        .clone()
        .update(labelled(labels.storeName, utf8(text)))
        .digest()
        .subarray(0, 16),
    )
    if (this.#pseudonyms.size >= pseudonymsCached) this.#pseudonyms.clear()
    this.#pseudonyms.set(text, made)
    return made
  }
}
