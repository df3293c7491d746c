import type { SessionCipher } from '@sotto/core/ports'
import { decodeBody, toHex, type Batch } from '@sotto/protocol'

/** Keys that encrypted two different things: a ratchet key and a counter are used once. What is sent again byte for byte is no second use. */
export function usedTwice(cipher: SessionCipher, batches: readonly Batch[]): readonly string[] {
  const used = new Map<string, string>()
  return batches.flatMap(({ envelopes }) =>
    envelopes.flatMap(({ body }) => {
      if (body === undefined) return []
      const { ciphertext } = decodeBody(body).body
      const { ratchetKey, counter } = cipher.inspect(ciphertext)
      const [key, sent] = [`${toHex(ratchetKey)} ${counter}`, toHex(ciphertext)]
      const before = used.get(key) ?? sent
      used.set(key, before)
      return before === sent ? [] : [key]
    }),
  )
}
