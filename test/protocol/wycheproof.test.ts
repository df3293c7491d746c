import { test, assert } from '#test'
import { hkdf } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { equalBytes, fromHex, verifySignature } from '@sotto/protocol'
import { countBy, vectorsOf } from '../signal/wycheproof-file.js'

test('the strict verifier agrees with every Ed25519 vector', async () => {
  const vectors = await vectorsOf('ed25519_test.json')
  assert.lengthOf(vectors, 151)
  const verified = vectors.map((vector) => {
    const { pk } = vector.group['publicKey'] as { pk: string }
    const valid = verifySignature(fromHex(pk), vector.bytes('msg'), vector.bytes('sig'))
    assert.equal(valid, vector.result === 'valid', `vector ${vector.tcId}: ${vector.flags.join(', ')}`)
    return String(valid)
  })
  assert.deepEqual(countBy(verified, String), { true: 88, false: 63 })
})

for (const [name, hash, count, valid] of [
  ['hkdf_sha256_test.json', sha256, 86, 83],
  ['hkdf_sha512_test.json', sha512, 83, 80],
] as const) {
  test(`HKDF agrees with every vector of ${name}`, async () => {
    const vectors = await vectorsOf(name)
    assert.lengthOf(vectors, count)
    const agreed = vectors.filter((vector) => {
      const make = () =>
        hkdf(hash, vector.bytes('ikm'), vector.bytes('salt'), vector.bytes('info'), vector.number('size'))
      if (vector.result === 'valid') assert.deepEqual(make(), vector.bytes('okm'), `vector ${vector.tcId}`)
      else assert.throws(make)
      return vector.result === 'valid'
    })
    assert.lengthOf(agreed, valid)
  })
}

test('HMAC-SHA-512 agrees with every vector', async () => {
  const vectors = await vectorsOf('hmac_sha512_test.json')
  assert.lengthOf(vectors, 174)
  const agreed = vectors.filter((vector) => {
    const tag = hmac(sha512, vector.bytes('key'), vector.bytes('msg')).subarray(
      0,
      vector.number('tagSize') / 8,
    )
    const equal = equalBytes(tag, vector.bytes('tag'))
    assert.equal(equal, vector.result === 'valid', `vector ${vector.tcId}`)
    return equal
  })
  assert.lengthOf(agreed, 66)
})

test('AES-GCM of the platform agrees with every vector of 96-bit nonces', async () => {
  const vectors = (await vectorsOf('aes_gcm_test.json')).filter(
    (one) => one.number('ivSize') === 96 && one.number('keySize') !== 192,
  )
  const outcomes: string[] = []
  for (const vector of vectors) {
    const key = await crypto.subtle.importKey('raw', buffer(vector.bytes('key')), 'AES-GCM', false, [
      'encrypt',
      'decrypt',
    ])
    const algorithm = {
      name: 'AES-GCM',
      iv: buffer(vector.bytes('iv')),
      additionalData: buffer(vector.bytes('aad')),
    }
    const sealed = buffer(Uint8Array.of(...vector.bytes('ct'), ...vector.bytes('tag')))
    const opened = await crypto.subtle.decrypt(algorithm, key, sealed).then(
      (plain) => new Uint8Array(plain),
      () => undefined,
    )
    if (vector.result === 'valid') assert.deepEqual(opened, vector.bytes('msg'), `vector ${vector.tcId}`)
    else assert.isUndefined(opened, `vector ${vector.tcId}`)
    outcomes.push(vector.result)
  }
  assert.deepEqual(countBy(outcomes, String), { valid: 79, invalid: 54 })
})

const buffer = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer
