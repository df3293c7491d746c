import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { test, assert } from '#test'
import { FingerprintGenerator, SignalProtocolAddress } from '@privacyresearch/libsignal-protocol-typescript'
import { toHex, utf8 } from '@sotto/protocol'
import { createSignalCipher } from '@sotto/signal'
import { Engine } from '../../packages/signal/src/engine.js'
import { SignalCipher } from '../../packages/signal/src/signal-cipher.js'
import { webX25519, type X25519 } from '../../packages/signal/src/x25519.js'
import { safetyNumber } from '../../packages/core/src/peers/safety-number.js'
import { BarePerson } from './bare-library.js'
import { Device, talkingDevices } from './two-devices.js'

const require = createRequire(import.meta.url)
const bareName = '@privacyresearch/libsignal-protocol-typescript'
const libraryFile = new URL('../../packages/signal/library/library.js', import.meta.url)

test('engine c: nothing is kept of a call, and no call waits for another client', async () => {
  const { SessionLock } = require(`${bareName}/lib/session-lock.js`) as {
    SessionLock: { _promises: unknown[]; errors: unknown[] }
  }
  const [alice, bob] = [await BarePerson.create('alice'), await BarePerson.create('bob')]
  await alice.start(bob)
  const before = SessionLock._promises.length
  for (let i = 0; i < 5; i++) await alice.encrypt(bob, utf8('kept'))
  assert.equal(
    SessionLock._promises.length,
    before + 5,
    'control: the bare library keeps a promise for every call',
  )
  const stuck = await BarePerson.create('stuck')
  stuck.store.loadSession = () => new Promise(() => undefined)
  void stuck.encrypt(bob, utf8('never'))
  const waited = await Promise.race([
    alice.encrypt(bob, utf8('another client')).then(() => 'sent'),
    new Promise((resolve) => setTimeout(resolve, 500, 'waiting')),
  ])
  assert.equal(waited, 'waiting', 'control: one client waits for the other')

  const lockFile: string = '../../packages/signal/library/aliases/session-lock.js'
  const { SessionLock: ours } = (await import(lockFile)) as { SessionLock: object }
  assert.deepEqual(Object.values(ours), [], 'our lock has no state')
  assert.notInclude(await readFile(libraryFile, 'utf8'), '_promises')

  // A call that never ends, in the same cipher as others that do.
  let stop = false
  const agree: X25519['agree'] = (...args) => (stop ? new Promise(() => undefined) : webX25519.agree(...args))
  const cipher = new SignalCipher(new Engine({ ...webX25519, agree }), Date.now)
  const [first, second] = await talkingDevices(cipher)
  const [third, fourth] = await talkingDevices(cipher)
  const toSecond = await first.encrypt(utf8('one'))
  await second.decrypt(first, toSecond)
  const step = await second.encrypt(utf8('a ratchet step'))
  await fourth.decrypt(third, await third.encrypt(utf8('the step')))
  const chained = await third.encrypt(utf8('no step'))
  stop = true
  void first.decrypt(second, step)
  assert.deepEqual(await fourth.decrypt(third, chained), utf8('no step'))
})

test('engine c: two ciphers on one page share no library', async () => {
  const [one, other] = [new Engine(webX25519), new Engine(webX25519)]
  assert.notEqual(one.library.SessionCipher, other.library.SessionCipher)
  const devices = await Promise.all(
    [createSignalCipher(), createSignalCipher()].map(async (c) => talkingDevices(await c)),
  )
  const texts = await Promise.all(
    devices.flatMap(([alice, bob], i) => [
      alice.encrypt(utf8(`to bob ${i}`)).then((message) => bob.decrypt(alice, message)),
      alice.encrypt(utf8('dropped')).then(() => utf8('dropped')),
    ]),
  )
  assert.deepEqual(
    texts.map((text) => new TextDecoder().decode(text)),
    ['to bob 0', 'dropped', 'to bob 1', 'dropped'],
  )
})

test('engine d: safety numbers are ours and made by a hash that is fast', async () => {
  const key = new Uint8Array(33).fill(5).buffer
  const bare = new FingerprintGenerator(1)
  const failed = await bare.createFor('Ağça', key, '文', key).then(
    () => false,
    () => true,
  )
  assert.isTrue(failed, 'control: the bare library throws on a name that is not Latin')
  assert.notInclude(await readFile(libraryFile, 'utf8'), 'FingerprintGenerator')
  const a = { account: 'alice.smith', accountId: '11'.repeat(32) }
  const b = { account: 'bob', accountId: '22'.repeat(32) }
  const number = safetyNumber('example.org', a, b)
  assert.match(number, /^[0-9]{60}$/)
  assert.equal(safetyNumber('example.org', b, a), number)
})

test('engine e: without WebCrypto there are no keys, where the library makes weak ones', async () => {
  const bare = `
    delete globalThis.crypto
    Math.random = () => 0.25
    const { KeyHelper } = require(${JSON.stringify(require.resolve(bareName))})
    KeyHelper.generateIdentityKeyPair().then((pair) => console.log(Buffer.from(pair.privKey).toString('hex')))
  `
  const keys = [await inNode(['-e', bare]), await inNode(['-e', bare])]
  assert.match(keys[0] ?? '', /^[0-9a-f]{64}$/)
  assert.equal(keys[0], keys[1], 'control: the bare library makes its keys of Math.random')

  const ours = `
    delete globalThis.crypto
    const { createSignalCipher } = await import('@sotto/signal')
    const { createLibrary } = await import(${JSON.stringify(libraryFile.href)})
    const said = await createSignalCipher().then(() => 'started', (error) => error.code)
    const library = createLibrary()
    const address = new library.SignalProtocolAddress('x', 1)
    const key = new ArrayBuffer(33)
    const builder = new library.SessionBuilder({ isTrustedIdentity: async () => true }, address)
    const used = await builder.processPreKey({ identityKey: key, signedPreKey: { publicKey: key, signature: new ArrayBuffer(64) } })
      .then(() => 'used', () => 'threw')
    console.log(said, used)
  `
  const flags = ['--import', 'tsx', '--conditions=@sotto/source', '--input-type=module', '-e', ours]
  assert.equal(await inNode(flags), 'no-crypto threw')
})

test('engine e: a page without a secure context gets no cipher', async () => {
  const insecure = `
    Object.defineProperty(globalThis, 'isSecureContext', { value: false })
    const { createSignalCipher } = await import('@sotto/signal')
    console.log(await createSignalCipher().then(() => 'started', (error) => error.code))
  `
  const flags = ['--import', 'tsx', '--conditions=@sotto/source', '--input-type=module', '-e', insecure]
  assert.equal(await inNode(flags), 'no-crypto')
})

test('engine r: sessions are kept apart by keys, whatever anybody is called', async () => {
  assert.equal(
    SignalProtocolAddress.fromString('alice.2.1').toString(),
    'alice.2',
    'control: a dot cuts the name',
  )
  const [alice, bob] = [await BarePerson.create('alice'), await BarePerson.create('dave')]
  await alice.start(bob)
  const { SessionCipher } = require(bareName) as {
    SessionCipher: new (store: object, address: string) => Loader
  }
  const confused = new SessionCipher(alice.store, 'dave.1.5')
  assert.isTrue(await confused.hasOpenSession(), 'control: device 5 of dave.1 gets the session of dave')

  const cipher = await createSignalCipher()
  const [one, other] = await talkingDevices(cipher)
  const [third, fourth] = await talkingDevices(cipher)
  const [a, b] = await Promise.all([one.encrypt(utf8('a')), third.encrypt(utf8('b'))])
  await Promise.all([other.decrypt(one, a), fourth.decrypt(third, b)])
  const engine = new Engine(webX25519)
  const addresses = [engine.scratchAddress(), engine.scratchAddress()]
  assert.notEqual(addresses[0]?.name, addresses[1]?.name)
  for (const { name } of addresses) assert.notInclude(name, '.')
  assert.notEqual(toHex((await Device.create(cipher)).identity.publicKey), toHex(one.identity.publicKey))
})

interface Loader {
  hasOpenSession(): Promise<boolean>
}

async function inNode(args: readonly string[]): Promise<string> {
  const cwd = fileURLToPath(new URL('../../packages/signal/', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [...args], { cwd })
  return stdout.trim()
}
