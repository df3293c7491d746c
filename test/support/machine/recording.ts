import type { SessionCipher } from '@sotto/core/ports'
import { decodeBody, toHex, type Batch } from '@sotto/protocol'
import type { History } from './history.js'

/** Remembers what was encrypted, and under which key what of it left the device. What was never sent is no use of a key. */
export class Recording {
  readonly used: History['used'][number][] = []
  readonly cipher: SessionCipher
  readonly #plaintexts = new Map<string, string>()

  /** `smaller`: whether a device wins a tie against another, so that it does not hang on chance which base key is smaller. */
  constructor(cipher: SessionCipher, smaller: (ours: Uint8Array, theirs: Uint8Array) => boolean) {
    this.cipher = {
      suite: cipher.suite,
      generate: (kind, count, policy) => cipher.generate(kind, count, policy),
      inspect: (ciphertext) => cipher.inspect(ciphertext),
      decrypt: (state, ciphertext) => cipher.decrypt(state, ciphertext),
      establish: async (ours, theirs) => {
        const highBit = smaller(ours.identity.publicKey, theirs.identityKey) ? 0 : 0x80
        for (;;) {
          const started = await cipher.establish(ours, theirs)
          if (((started.baseKey[0] ?? 0) & 0x80) === highBit) return started
        }
      },
      encrypt: async (state, plaintext) => {
        const step = await cipher.encrypt(state, plaintext)
        this.#plaintexts.set(toHex(step.ciphertext), toHex(plaintext))
        return step
      },
    }
  }

  /** A batch leaves its device. */
  sent({ envelopes }: Batch): void {
    for (const { body } of envelopes) {
      if (body === undefined) continue
      const { ciphertext } = decodeBody(body).body
      const { ratchetKey, counter } = this.cipher.inspect(ciphertext)
      const plaintext = this.#plaintexts.get(toHex(ciphertext))
      if (plaintext === undefined) throw new Error('it was encrypted by nobody')
      this.used.push({ key: `${toHex(ratchetKey)} ${counter}`, plaintext })
    }
  }
}
