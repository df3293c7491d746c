import { createRequire } from 'node:module'
import { test, assert } from '#test'
import { createLibraryCrypto } from '../../packages/signal/src/library-crypto.js'
import { bufferOf } from '../../packages/signal/src/typed-key.js'
import { vectorsOf } from './wycheproof-file.js'

const require = createRequire(import.meta.url)

test("the library's HKDF over our HMAC agrees with every vector, as far as its 96 bytes go", async () => {
  const { crypto: library, setWebCrypto } =
    require('@privacyresearch/libsignal-protocol-typescript/lib/internal/crypto.js') as {
      crypto: { HKDF(input: ArrayBuffer, salt: ArrayBuffer, info: ArrayBuffer): Promise<ArrayBuffer[]> }
      setWebCrypto(crypto: object): void
    }
  setWebCrypto(createLibraryCrypto())
  const vectors = (await vectorsOf('hkdf_sha256_test.json')).filter((one) => one.result === 'valid')
  assert.lengthOf(vectors, 83)
  for (const vector of vectors) {
    const [input, salt, info] = [vector.bytes('ikm'), vector.bytes('salt'), vector.bytes('info')].map(
      bufferOf,
    )
    if (input === undefined || salt === undefined || info === undefined) throw new Error('fields are missing')
    const parts = await library.HKDF(input, salt, info)
    const made = Uint8Array.from(parts.flatMap((part) => [...new Uint8Array(part)]))
    const length = Math.min(vector.number('size'), made.length)
    assert.deepEqual(
      made.subarray(0, length),
      vector.bytes('okm').subarray(0, length),
      `vector ${vector.tcId}`,
    )
  }
})
