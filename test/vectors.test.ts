import { readFileSync } from 'node:fs'
import { test, assert } from '#test'
import { filesUnder, root } from './support/sources.js'

/** How many vectors each published file holds: a file that lost some would pass every test that reads it. */
const wycheproof: Readonly<Record<string, number>> = {
  'aes_cbc_pkcs5_test.json': 216,
  'aes_gcm_test.json': 316,
  'ed25519_test.json': 151,
  'hkdf_sha256_test.json': 86,
  'hkdf_sha512_test.json': 83,
  'hmac_sha256_test.json': 174,
  'hmac_sha512_test.json': 174,
  'x25519_test.json': 518,
}

const sframe: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'test-vectors.json': { header: 289, aes_ctr_hmac: 3, aes_256_ctr_hmac: 3, sframe: 5 },
  'test-vectors-aes256.json': { sframe_aes_256_ctr_hmac: 3 },
}

const read = (path: string): unknown => JSON.parse(readFileSync(`${root}test/vectors/${path}`, 'utf8'))

test('the published vectors are whole', () => {
  for (const [name, count] of Object.entries(wycheproof)) {
    const { numberOfTests, testGroups } = read(`wycheproof/${name}`) as {
      numberOfTests: number
      testGroups: { tests: [] }[]
    }
    assert.equal(numberOfTests, count, name)
    assert.equal(
      testGroups.reduce((sum, { tests }) => sum + tests.length, 0),
      count,
      name,
    )
  }
  for (const [name, counts] of Object.entries(sframe)) {
    const groups = Object.entries(read(`sframe/${name}`) as Readonly<Record<string, readonly unknown[]>>)
    assert.deepEqual(Object.fromEntries(groups.map(([group, { length }]) => [group, length])), counts, name)
  }
})

test('every file of vectors is named here, and says where it comes from', () => {
  const names = [
    ...Object.keys(wycheproof).map((name) => `wycheproof/${name}`),
    ...Object.keys(sframe).map((name) => `sframe/${name}`),
  ]
  const about = ['sframe/SOURCE', 'wycheproof/LICENSE', 'wycheproof/SOURCE']
  assert.sameMembers(
    [...filesUnder('test/vectors')],
    [...names, ...about].map((name) => `test/vectors/${name}`),
  )
})
