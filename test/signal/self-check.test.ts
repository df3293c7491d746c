import { test, assert } from '#test'
import { randomBytes, utf8 } from '@sotto/protocol'
import type { Library, LibraryStorage } from '../../packages/signal/library/library.js'
import { Engine } from '../../packages/signal/src/engine.js'
import { SignalCipher } from '../../packages/signal/src/signal-cipher.js'
import { fromBinary, toBase64, toBinary } from '../../packages/signal/src/typed-key.js'
import { chooseX25519 } from '../../packages/signal/src/x25519.js'
import { expectCode } from './expect-code.js'
import { encodeFirst, encodeLater, takeApart, takeApartLater, typedKey } from './forge.js'
import { Device, first, talkingDevices } from './two-devices.js'

interface Chain {
  chainType: number
  chainKey: { key?: string; counter: number }
  messageKeys: Record<string, string>
}

interface Session {
  indexInfo: { baseKey: string; closed: number }
  currentRatchet: {
    rootKey: string
    ephemeralKeyPair: { pubKey: string; privKey: string }
    lastRemoteEphemeralKey: string
  }
  chains: Record<string, Chain>
}

interface Faults {
  /** Spoils what the library writes down. */
  record?: (session: Session, all: Record<string, Session>) => void
  /** Spoils what it sends. */
  body?: (bytes: Uint8Array) => Uint8Array
}

/** A cipher over a library that does something else than it should, when it is told to. */
async function faultyCipher(): Promise<{ cipher: SignalCipher; faults: Faults }> {
  const faults: Faults = {}
  const engine = new Engine(await chooseX25519())
  const { library } = engine
  const spoil = (record: string): string => {
    const json = JSON.parse(record) as { sessions: Record<string, Session> }
    faults.record?.(first(Object.values(json.sessions)), json.sessions)
    return JSON.stringify(json)
  }
  const spoiling = (storage: LibraryStorage): LibraryStorage => ({
    getIdentityKeyPair: () => storage.getIdentityKeyPair(),
    getLocalRegistrationId: () => storage.getLocalRegistrationId(),
    isTrustedIdentity: (...args) => storage.isTrustedIdentity(...args),
    saveIdentity: (...args) => storage.saveIdentity(...args),
    loadPreKey: (id) => storage.loadPreKey(id),
    removePreKey: (id) => storage.removePreKey(id),
    loadSignedPreKey: (id) => storage.loadSignedPreKey(id),
    loadSession: (address) => storage.loadSession(address),
    storeSession: (address, record) => storage.storeSession(address, spoil(record)),
  })
  const faulty: Library = {
    ...library,
    SessionBuilder: class extends library.SessionBuilder {
      constructor(...[storage, address]: ConstructorParameters<Library['SessionBuilder']>) {
        super(spoiling(storage), address)
      }
    },
    SessionCipher: class extends library.SessionCipher {
      constructor(...[storage, address]: ConstructorParameters<Library['SessionCipher']>) {
        super(spoiling(storage), address)
      }

      override async encrypt(plaintext: ArrayBuffer): Promise<{ type: 1 | 3; body: string }> {
        const { type, body } = await super.encrypt(plaintext)
        return { type, body: faults.body === undefined ? body : toBinary(faults.body(fromBinary(body))) }
      }
    },
  }
  ;(engine as { library: Library }).library = faulty
  return { cipher: new SignalCipher(engine, Date.now), faults }
}

const key = () => toBase64(randomBytes(32))
const publicKey = () => toBase64(typedKey(randomBytes(32)))
const chain = (chainType: 1 | 2, counter = 0): Chain => ({
  chainType,
  chainKey: { key: key(), counter },
  messageKeys: {},
})

const sendingOf = (session: Session): Chain =>
  first(Object.values(session.chains).filter((one) => one.chainType === 1))
const receivingOf = (session: Session): Chain =>
  first(Object.values(session.chains).filter((one) => one.chainType === 2))

/** What may be wrong with any record, whatever the call. */
const anyFault: Record<string, Faults['record']> = {
  'two sessions': (session, all) => void (all['another'] = session),
  'no session': (_, all) => Object.keys(all).forEach((name) => delete all[name]),
  'a closed session': (session) => void (session.indexInfo.closed = 1),
  'two sending chains': (session) => void (session.chains[publicKey()] = chain(1)),
  'no sending chain': (session) => void (sendingOf(session).chainType = 2),
  'a sending chain without its key': (session) => void delete sendingOf(session).chainKey.key,
  'a sending chain with message keys': (session) => void (sendingOf(session).messageKeys = { 0: key() }),
  'another ratchet key than the chain': (session) =>
    void (session.currentRatchet.ephemeralKeyPair.pubKey = publicKey()),
  'a key of another type': (session) =>
    void (session.currentRatchet.lastRemoteEphemeralKey = toBase64(Uint8Array.of(6, ...randomBytes(32)))),
}

test('what the library writes of a new session is checked', async () => {
  const { cipher, faults } = await faultyCipher()
  const [alice, bob] = [await Device.create(cipher), await Device.create(cipher)]
  const wrong = {
    ...anyFault,
    'another signed prekey': (session: Session) =>
      void (session.currentRatchet.lastRemoteEphemeralKey = publicKey()),
  }
  for (const [what, record] of Object.entries(wrong)) {
    if (record) faults.record = record
    await expectCode('self-check-failed', () => alice.start(bob.bundle()), what)
  }
  delete faults.record
  await alice.start(bob.bundle())
})

test('what the library writes of a first message is checked', async () => {
  const { cipher, faults } = await faultyCipher()
  const [alice, bob] = [await Device.create(cipher), await Device.create(cipher)]
  await alice.start(bob.bundle())
  const message = await alice.encrypt(utf8('hello'))
  const signedPreKey = toBase64(typedKey(bob.bundle().signedPreKey.key))
  const wrong = {
    ...anyFault,
    'another base key': (session: Session) => void (session.indexInfo.baseKey = publicKey()),
    'two receiving chains': (session: Session) => void (session.chains[publicKey()] = chain(2)),
    'another ratchet key of theirs': (session: Session) =>
      void (session.currentRatchet.lastRemoteEphemeralKey = publicKey()),
    'a sending chain that is in use': (session: Session) => void (sendingOf(session).chainKey.counter = 0),
    'our signed prekey as ratchet key': (session: Session) => {
      const old = session.currentRatchet.ephemeralKeyPair.pubKey
      session.currentRatchet.ephemeralKeyPair.pubKey = signedPreKey
      session.chains[signedPreKey] = session.chains[old] ?? chain(1)
      delete session.chains[old]
    },
  }
  for (const [what, record] of Object.entries(wrong)) {
    if (record) faults.record = record
    await expectCode('self-check-failed', () => bob.decrypt(alice, message), what)
    assert.isUndefined(bob.session)
  }
  delete faults.record
  assert.deepEqual(await bob.decrypt(alice, message), utf8('hello'))
})

test('what the library writes and sends of a message is checked', async () => {
  const { cipher, faults } = await faultyCipher()
  const [alice, bob] = await talkingDevices(cipher)
  const before = alice.session
  const records = {
    ...anyFault,
    'a counter that stood still': (session: Session) => void sendingOf(session).chainKey.counter--,
    'a counter that jumped': (session: Session) => void sendingOf(session).chainKey.counter++,
    'a new ratchet key': (session: Session) => {
      const [old, fresh] = [session.currentRatchet.ephemeralKeyPair.pubKey, publicKey()]
      session.currentRatchet.ephemeralKeyPair.pubKey = fresh
      session.chains[fresh] = session.chains[old] ?? chain(1)
      delete session.chains[old]
    },
  }
  for (const [what, record] of Object.entries(records)) {
    if (record) faults.record = record
    await expectCode('self-check-failed', () => alice.encrypt(utf8('hello')), what)
  }
  delete faults.record
  const fresh = await Device.create(cipher)
  await fresh.start(bob.bundle(false))
  const opening = takeApart(await fresh.encrypt(utf8('x')))
  const ratchetKey = opening.baseKey
  const bodies: Record<string, (bytes: Uint8Array) => Uint8Array> = {
    'a first message': (bytes) => encodeFirst({ ...opening, message: bytes }),
    'another counter': (bytes) => encodeLater({ ...takeApartLater(bytes), counter: 7 }),
    'another ratchet key': (bytes) => encodeLater({ ...takeApartLater(bytes), ratchetKey }),
  }
  for (const [what, body] of Object.entries(bodies)) {
    faults.body = body
    await expectCode('self-check-failed', () => alice.encrypt(utf8('hello')), what)
  }
  faults.body = (bytes) => bytes.subarray(1)
  await expectCode('malformed', () => alice.encrypt(utf8('hello')))
  faults.body = (bytes) => takeApart(bytes).message
  await expectCode('self-check-failed', () => fresh.encrypt(utf8('unanswered, it must be a first message')))
  delete faults.body
  assert.equal(alice.session, before)
  assert.deepEqual(await bob.decrypt(alice, await alice.encrypt(utf8('hello'))), utf8('hello'))
})

test('what the library writes of a message that it read is checked', async () => {
  const { cipher, faults } = await faultyCipher()
  const [alice, bob] = await talkingDevices(cipher)
  const step = await alice.encrypt(utf8('a step'))
  const stepFaults = {
    ...anyFault,
    'a sending chain that is in use': (session: Session) => void (sendingOf(session).chainKey.counter = 0),
    'another ratchet key of theirs': (session: Session) =>
      void (session.currentRatchet.lastRemoteEphemeralKey = publicKey()),
    'the chain before forgotten': (session: Session) => {
      const name = Object.entries(session.chains).find(
        ([, one]) => one.chainType === 2 && one.chainKey.key === undefined,
      )?.[0]
      if (name !== undefined) delete session.chains[name]
    },
    'a third receiving chain': (session: Session) => void (session.chains[publicKey()] = chain(2)),
  }
  const refuses = async (message: Uint8Array, wrong: Record<string, Faults['record']>): Promise<void> => {
    const before = bob.session
    for (const [what, record] of Object.entries(wrong)) {
      if (record) faults.record = record
      await expectCode('self-check-failed', () => bob.decrypt(alice, message), what)
    }
    delete faults.record
    assert.equal(bob.session, before)
    await bob.decrypt(alice, message)
  }
  await refuses(step, stepFaults)

  const skipped = await alice.encrypt(utf8('skipped'))
  const inChain = {
    ...anyFault,
    'another root key': (session: Session) => void (session.currentRatchet.rootKey = key()),
    'a counter that went back': (session: Session) => void (receivingOf(session).chainKey.counter = -1),
    'a key of the past': (session: Session) => void (receivingOf(session).messageKeys[0] = key()),
  }
  await refuses(await alice.encrypt(utf8('in the chain')), inChain)
  await refuses(skipped, {
    'another root key': inChain['another root key'],
    'the key is still there': (session: Session) => void (receivingOf(session).messageKeys[1] = key()),
  })
})
