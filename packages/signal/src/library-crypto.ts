import { SottoError } from '@sotto/protocol'
import type { LibraryCrypto } from '#library'
import { HmacSha256 } from './hmac-sha256.js'
import { bufferOf } from './typed-key.js'

/**
 * What the library is given as WebCrypto. HMAC is computed at once, in script: a message takes a dozen of
 * short ones, and WebCrypto's way there and back costs more than each. AES is WebCrypto's, which is faster
 * and leaks nothing through the processor's cache.
 */
export function createLibraryCrypto(): LibraryCrypto {
  const hmac = new HmacSha256()
  return Object.freeze<LibraryCrypto>({
    getRandomValues(array) {
      return crypto.getRandomValues(array as Uint8Array<ArrayBuffer>)
    },
    subtle: Object.freeze<LibraryCrypto['subtle']>({
      importKey(format, key, algorithm, extractable, usages) {
        if (algorithm.name === 'HMAC') return new Uint8Array(key)
        return crypto.subtle.importKey(format, key, algorithm, extractable, usages as KeyUsage[])
      },
      encrypt(algorithm, key, data) {
        return crypto.subtle.encrypt(
          { name: algorithm.name, iv: bufferOf(algorithm.iv) },
          key as CryptoKey,
          data,
        )
      },
      decrypt(algorithm, key, data) {
        return crypto.subtle.decrypt(
          { name: algorithm.name, iv: bufferOf(algorithm.iv) },
          key as CryptoKey,
          data,
        )
      },
      sign(_algorithm, key, data) {
        return hmac.sign(key as Uint8Array, new Uint8Array(data))
      },
      digest() {
        throw new SottoError('wrong-argument', { name: 'digest' })
      },
    }),
  })
}
