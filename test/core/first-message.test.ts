import { openSealedStore, run } from '@sotto/core'
import { memoryStore } from '@sotto/core/memory'
import type { CipherHeader, SessionCipher } from '@sotto/core/ports'
import { emptyExt, pad, randomBytes, utf8, type Body, type ErrorCode } from '@sotto/protocol'
import { assert, test } from '#test'
import { makeFreshKeys, putPreKeys, readPreKey } from '../../packages/core/src/sessions/prekeys.js'
import { readSessions } from '../../packages/core/src/sessions/session-rows.js'
import { Sessions, type OtherDevice } from '../../packages/core/src/sessions/sessions.js'
import { Mallory } from '../support/mallory.js'
import { World, realm } from '../support/people.js'
import { rejects } from './reject.js'

type First = Extract<CipherHeader, { kind: 'first' }>

/** A device with prekeys, whose cipher says of any ciphertext that it is `header`, and reads every one: what is refused, the sessions refuse. */
async function device(header: (sound: First) => CipherHeader, usedPreKey = 1) {
  const { cipher } = await World.make()
  const { own } = await Mallory.make(cipher, realm, 'bob')
  const alice = await Mallory.make(cipher, realm, 'alice')
  const other: OtherDevice = {
    address: alice.own.address,
    identityKey: alice.own.identity.publicKey,
    signingKey: randomBytes(32),
  }
  const store = await openSealedStore(memoryStore(), { name: 'test' })
  const fresh = await makeFreshKeys(cipher, own, 1, 1)
  await run(store, (rows) => putPreKeys(rows, own, fresh, Date.now()))
  const baseKey = randomBytes(32)
  const sound: First = {
    kind: 'first',
    baseKey,
    identityKey: other.identityKey,
    signedPreKeyId: 1,
    preKeyId: 1,
    ratchetKey: randomBytes(32),
    counter: 0,
  }
  const credulous: SessionCipher = {
    suite: cipher.suite,
    generate: (...given) => cipher.generate(...given),
    establish: (...given) => cipher.establish(...given),
    encrypt: (...given) => cipher.encrypt(...given),
    inspect: () => header(sound),
    decrypt: () => Promise.resolve({ session: randomBytes(8), plaintext: pad(utf8('said')), usedPreKey }),
  }
  const sessions = new Sessions(credulous, () => own)
  const read = (body: Partial<Extract<Body, { type: 'first' }>> = {}) =>
    run(store, (rows) =>
      sessions.decrypt(
        rows,
        other,
        { type: 'first', baseKey, generation: 1, ciphertext: randomBytes(8), ext: emptyExt, ...body },
        Date.now(),
      ),
    )
  const left = () =>
    run(store, async (rows) => ({
      sessions: (await readSessions(rows, other.address)).sessions.length,
      preKey: (await readPreKey(rows, 'one', 1)) !== undefined,
    }))
  return { read, left }
}

test('control: a first message begins a session and uses up its prekey', async () => {
  const { read, left } = await device((sound) => sound)
  assert.isTrue((await read()).isFirst)
  assert.deepEqual(await left(), { sessions: 1, preKey: false })
})

const refused: readonly (readonly [what: string, code: ErrorCode, header: (sound: First) => CipherHeader])[] =
  [
    [
      'is none by its ciphertext',
      'malformed',
      ({ ratchetKey, counter }) => ({ kind: 'later', ratchetKey, counter }),
    ],
    ['names another base key', 'malformed', (sound) => ({ ...sound, baseKey: randomBytes(32) })],
    [
      'is of another identity key',
      'identity-mismatch',
      (sound) => ({ ...sound, identityKey: randomBytes(32) }),
    ],
    ['is for a signed prekey that is gone', 'unknown-prekey', (sound) => ({ ...sound, signedPreKeyId: 2 })],
    ['is for a prekey that was used up', 'unknown-prekey', (sound) => ({ ...sound, preKeyId: 2 })],
  ]
for (const [what, code, header] of refused)
  test(`a first message that ${what} is refused whatever the cipher says, and changes nothing`, async () => {
    const { read, left } = await device(header)
    await rejects(read(), code)
    assert.deepEqual(await left(), { sessions: 0, preKey: true })
  })

test('a first message whose cipher used another prekey than it named is refused, and changes nothing', async () => {
  const { read, left } = await device((sound) => sound, 2)
  await rejects(read(), 'undecryptable')
  assert.deepEqual(await left(), { sessions: 0, preKey: true })
})
