import { test, assert } from '#test'
import { equalBytes } from '@sotto/protocol'
import { Curve } from '../../packages/signal/src/curve.js'
import { Handles } from '../../packages/signal/src/handles.js'
import { HmacSha256 } from '../../packages/signal/src/hmac-sha256.js'
import { createLibraryCrypto } from '../../packages/signal/src/library-crypto.js'
import { bufferOf } from '../../packages/signal/src/typed-key.js'
import { chooseX25519, scriptX25519, type X25519 } from '../../packages/signal/src/x25519.js'
import { vectorsOf, type Vector } from './wycheproof-file.js'

async function agreeAll(x25519: X25519): Promise<{ agreed: number; refused: number }> {
  const vectors = await vectorsOf('x25519_test.json')
  assert.lengthOf(vectors, 518)
  const curve = new Curve(x25519, new Handles())
  const counts = { agreed: 0, refused: 0 }
  for (const vector of vectors) {
    const result = await curve
      .sharedSecret(bufferOf(vector.bytes('public')), bufferOf(vector.bytes('private')))
      .then(
        (secret) => new Uint8Array(secret),
        () => undefined,
      )
    const odd = vector.flags.some((flag) =>
      ['LowOrderPublic', 'NonCanonicalPublic', 'ZeroSharedSecret'].includes(flag),
    )
    const where = `vector ${vector.tcId} (${vector.flags.join(', ')})`
    assert.equal(result === undefined, odd, where)
    if (result !== undefined) assert.deepEqual(result, vector.bytes('shared'), where)
    counts[result === undefined ? 'refused' : 'agreed']++
  }
  return counts
}

test('our curve agrees with every X25519 vector on the platform, and refuses the odd keys', async () => {
  assert.deepEqual(await agreeAll(await chooseX25519()), { agreed: 474, refused: 44 })
})

test('our curve agrees with every X25519 vector in script, and refuses the odd keys', async () => {
  assert.deepEqual(await agreeAll(scriptX25519), { agreed: 474, refused: 44 })
})

test('our HMAC-SHA-256 agrees with every vector', async () => {
  const vectors = await vectorsOf('hmac_sha256_test.json')
  assert.lengthOf(vectors, 174)
  const hmac = new HmacSha256()
  const agreed = vectors.filter((vector) => {
    const tag = new Uint8Array(hmac.sign(vector.bytes('key'), vector.bytes('msg'))).subarray(
      0,
      vector.number('tagSize') / 8,
    )
    const equal = equalBytes(tag, vector.bytes('tag'))
    assert.equal(equal, vector.result === 'valid', `vector ${vector.tcId}`)
    return equal
  })
  assert.lengthOf(agreed, 66)
})

test('the AES-CBC that the library is given agrees with every vector', async () => {
  const vectors = await vectorsOf('aes_cbc_pkcs5_test.json')
  assert.lengthOf(vectors, 216)
  const { subtle } = createLibraryCrypto()
  const counts = { valid: 0, invalid: 0, unsupported: 0 }
  for (const vector of vectors) {
    const iv = vector.bytes('iv')
    const algorithm = { name: 'AES-CBC', iv }
    const key = (usage: string) =>
      subtle.importKey('raw', bufferOf(vector.bytes('key')), algorithm, false, [usage])
    const where = `vector ${vector.tcId}`
    // Chromium has no AES-192; the library's keys are of 256 bits.
    if (
      vector.number('keySize') === 192 &&
      (await Promise.resolve(key('decrypt')).catch(() => undefined)) === undefined
    ) {
      counts.unsupported++
      continue
    }
    const opened = await decrypt(subtle, algorithm, await key('decrypt'), vector)
    if (vector.result !== 'valid') {
      assert.isUndefined(opened, where)
      counts.invalid++
      continue
    }
    assert.deepEqual(opened, vector.bytes('msg'), where)
    const sealed = await subtle.encrypt(algorithm, await key('encrypt'), bufferOf(vector.bytes('msg')))
    assert.deepEqual(new Uint8Array(sealed), vector.bytes('ct'), where)
    counts.valid++
  }
  const { unsupported } = counts
  assert.include([0, 72], unsupported)
  const sizes = unsupported === 0 ? 3 : 2
  assert.deepEqual(counts, { valid: 24 * sizes, invalid: 48 * sizes, unsupported })
})

async function decrypt(
  subtle: ReturnType<typeof createLibraryCrypto>['subtle'],
  algorithm: { name: string; iv: Uint8Array },
  key: unknown,
  vector: Vector,
): Promise<Uint8Array | undefined> {
  try {
    return new Uint8Array(await subtle.decrypt(algorithm, key, bufferOf(vector.bytes('ct'))))
  } catch {
    return undefined
  }
}
