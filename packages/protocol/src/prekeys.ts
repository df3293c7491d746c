import { accountId, deviceId, realm } from './address.js'
import { decode, encode } from './codec.js'
import { check } from './errors.js'
import { ext, understand } from './ext.js'
import { labels } from './labels.js'
import { limits } from './limits.js'
import { reference } from './references.js'
import { uint, type Shaped } from './shape.js'
import { field, optional, struct } from './struct.js'
import { isX25519Key } from './public-keys.js'
import { algorithms, key, signObject, signed, type Sign, type Signed } from './signed.js'
import { fromHex } from './bytes.js'
import { verifyObject } from './verify-object.js'

/** Kinds of prekeys. 3 and 4 are kept for KEM keys. */
export const preKeyKinds = Object.freeze({ signed: 1, oneTime: 2, signedKem: 3, oneTimeKem: 4 } as const)

/** A prekey as its device signs it. */
export const preKey = struct({
  realm: field(1, realm),
  accountId: field(2, accountId),
  device: field(3, deviceId),
  kind: field(4, uint(255, 1)),
  /** From 1, never given twice. */
  id: field(5, uint(0xffff_ffff, 1)),
  key: field(6, key),
  /** Milliseconds since 1970, by the device's clock. */
  madeAt: field(7, uint()),
  /** A signed prekey's end, in milliseconds since 1970. */
  expiresAt: optional(8, uint()),
  /** A signed prekey names the newest list that its device knows: that is how fresh lists are told from old ones. */
  newest: optional(9, reference),
  ext: field(10, ext),
})
export type PreKey = Shaped<typeof preKey>

/** What a claim answers: a signed prekey, and a one-time prekey where one was left. */
export const bundle = struct({ signedPreKey: field(1, signed), preKey: optional(2, signed) })
export type PreKeyBundle = Shaped<typeof bundle>

export function signPreKey(value: PreKey, sign: Sign): Promise<Signed> {
  return signObject(labels.preKey, encode(preKey, value), [{ by: fromHex(value.device), sign }])
}

export interface PreKeyOwner {
  readonly realm: string
  readonly accountId: string
  readonly device: string
  /** The device's Ed25519 key from its account's verified list: 32 bytes. */
  readonly signingKey: Uint8Array
}

/** Verifies a prekey of `owner`. `now` in milliseconds since 1970. Throws `malformed`, `bad-signature`, `bad-prekey` or `unsupported-version`. */
export function verifyPreKey(object: Signed, owner: PreKeyOwner, kind: number, now: number): PreKey {
  const value = decode(preKey, object.bytes, limits.preKey)
  understand(value.ext)
  verifyObject(labels.preKey, object, new Map([[owner.device, owner.signingKey]]))
  check(value.realm === owner.realm, 'bad-prekey')
  check(value.accountId === owner.accountId, 'bad-prekey')
  check(value.device === owner.device, 'bad-prekey')
  check(value.kind === kind, 'bad-prekey')
  check(value.key.alg === algorithms.x25519 && isX25519Key(value.key.bytes), 'bad-prekey')
  const { madeAt, expiresAt, newest } = value
  if (kind === preKeyKinds.signed) {
    check(expiresAt !== undefined && newest !== undefined, 'bad-prekey')
    check(expiresAt > now, 'bad-prekey')
    check(expiresAt >= madeAt && expiresAt - madeAt <= limits.signedPreKeyMs, 'bad-prekey')
    check(newest.accountId === owner.accountId, 'bad-prekey')
  } else {
    check(expiresAt === undefined && newest === undefined, 'bad-prekey')
  }
  return value
}
