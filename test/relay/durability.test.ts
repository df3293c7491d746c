import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openClient, type Client } from '@sotto/core'
import { systemTime } from '@sotto/core/browser'
import { memoryChannels, memoryLocks, memoryStore } from '@sotto/core/memory'
import { relayBackend } from '@sotto/core/relay'
import type { Connection } from '@sotto/core/ports'
import { SottoError, decode, limits, preKey, type Batch, type Signed } from '@sotto/protocol'
import { createSignalCipher } from '@sotto/signal'
import { assert, test } from '#test'
import { CaseDevice } from '../../packages/core/src/testing/case-device.js'
import { watch } from '../support/people.js'
import { RelayProcess } from '../support/relay-process.js'
import { Site } from '../support/signing-site.js'
import { until } from '../support/until.js'

/** A relay process on one file and one port, which is killed and started again. */
class Mortal {
  readonly site = new Site()
  readonly #folder: string
  #process: RelayProcess
  #url = ''

  private constructor(folder: string) {
    this.#folder = folder
    this.#process = this.#spawn('0')
  }

  static async start(): Promise<Mortal> {
    const made = new Mortal(await mkdtemp(join(tmpdir(), 'sotto-durable-')))
    made.#url = await made.#process.url()
    return made
  }

  /** `kill -9`, and a new process on the same file. */
  async restart(): Promise<void> {
    assert.equal(await this.#process.stop('SIGKILL'), null)
    this.#process = this.#spawn(new URL(this.#url).port)
    assert.equal(await this.#process.url(), this.#url)
  }

  kill(): void {
    void this.#process.stop('SIGKILL')
  }

  get place() {
    return {
      realm: this.site.realm,
      backend: () => relayBackend({ url: this.#url }),
      token: (account: string) => this.site.token(account),
      dispose: () => Promise.resolve(),
    }
  }

  async end(): Promise<void> {
    await this.#process.stop('SIGKILL')
    await rm(this.#folder, { recursive: true, force: true })
  }

  #spawn(port: string): RelayProcess {
    return new RelayProcess([], {
      SOTTO_REALM: this.site.realm,
      SOTTO_TOKEN_SECRET: this.site.secret,
      SOTTO_DATABASE: join(this.#folder, 'relay.sqlite'),
      PORT: port,
    })
  }
}

async function withMortal(work: (relay: Mortal) => Promise<void>): Promise<void> {
  const relay = await Mortal.start()
  try {
    await work(relay)
  } finally {
    await relay.end()
  }
}

/** Every id that is delivered, as often as it is, until `enough`; each is acknowledged. */
async function collect(connection: Connection, enough: () => boolean, ids: string[]): Promise<void> {
  const reading = (async () => {
    for await (const { stamped, ack } of connection) {
      ids.push(stamped.envelope.id)
      ack()
    }
  })()
  reading.catch(() => undefined)
  await until(enough)
}

const idOf = (batch: Batch) => batch.envelopes[0]?.id ?? ''
const preKeyId = (object: Signed | undefined) =>
  object === undefined ? undefined : decode(preKey, object.bytes, limits.preKey).id

for (const seed of [3, 17, 140]) {
  test(`what was answered survives a kill -9 in the middle of ${seed} answers, exactly once`, () =>
    withMortal(async (relay) => {
      const alice = await CaseDevice.published(relay.place)
      const bob = await CaseDevice.published(relay.place)
      const out = await alice.open()
      const answered: string[] = []
      const batches = Array.from({ length: 400 }, () => alice.batchTo([bob]))
      const sends = batches.map(async (batch) => {
        const sent = await out.send(batch)
        assert.equal(sent.outcome, 'sent')
        answered.push(idOf(batch))
        if (answered.length === seed) relay.kill()
      })
      const lost = (await Promise.allSettled(sends)).filter((one) => one.status === 'rejected')
      for (const one of lost) assert.isTrue(SottoError.is(one.reason, 'offline'))
      assert.isAtLeast(answered.length, seed)

      await relay.restart()
      const ids: string[] = []
      const inbox = await bob.open()
      await collect(inbox, () => answered.every((id) => ids.includes(id)), ids)
      // Nobody knows of the others: they go again, byte for byte, and come once whether they had been stored or not.
      const again = await alice.open()
      for (const batch of batches) assert.equal((await again.send(batch)).outcome, 'sent')
      await until(() => batches.every((batch) => ids.includes(idOf(batch))))
      // A last one after them: whatever would come twice has come by then.
      const last = alice.batchTo([bob])
      await again.send(last)
      await until(() => ids.includes(idOf(last)))
      assert.equal(new Set(ids).size, ids.length)
      assert.lengthOf(ids, batches.length + 1)
      alice.closeAll()
      bob.closeAll()
    }))
}

test('what was not acknowledged is there after a kill -9, in order', () =>
  withMortal(async (relay) => {
    const [alice, bob] = [await CaseDevice.published(relay.place), await CaseDevice.published(relay.place)]
    const out = await alice.open()
    const batches = Array.from({ length: 30 }, () => alice.batchTo([bob]))
    for (const batch of batches) await out.send(batch)
    const first: string[] = []
    for await (const { stamped, ack } of await bob.open()) {
      first.push(stamped.envelope.id)
      if (first.length <= 10) ack()
      if (first.length === 30) break
    }
    await relay.restart()
    const ids: string[] = []
    await collect(await bob.open(), () => batches.slice(-1).every((batch) => ids.includes(idOf(batch))), ids)
    const expected = batches.map(idOf)
    assert.deepEqual(ids, expected.slice(30 - ids.length))
    assert.isAtLeast(ids.length, 20)
    alice.closeAll()
    bob.closeAll()
  }))

test('a prekey that was handed out before a kill -9 is not handed out after it; epochs stand', () =>
  withMortal(async (relay) => {
    const bob = await CaseDevice.published(relay.place)
    bob.epoch = 7
    const { signedPreKey, preKeys } = await bob.preKeys(20)
    await bob.directory.publishKeys({ signedPreKey, preKeys })
    const peers: CaseDevice[] = []
    while (peers.length < 8) peers.push(await CaseDevice.published(relay.place))
    const claim = async (peer: CaseDevice) =>
      preKeyId((await peer.directory.claim(bob.account, bob.id))?.preKey)
    const before = await Promise.all(peers.slice(0, 4).map(claim))
    await relay.restart()
    const after = await Promise.all(peers.slice(4).map(claim))
    assert.equal(new Set([...before, ...after, undefined]).size, 9)
    // The hour counts on, too.
    const [first] = peers
    assert.isUndefined(first && (await claim(first)))
    bob.epoch = 6
    const code = await bob.directory.countKeys().then(
      () => 'none',
      (error: unknown) => (SottoError.is(error) ? error.code : 'other'),
    )
    assert.equal(code, 'rolled-back')
  }))

test('a relay that is killed again and again under two people loses none of their messages and shows none twice', () =>
  withMortal(async (relay) => {
    const { realm, backend, token } = relay.place
    const cipher = await createSignalCipher()
    const open = async (account: string): Promise<Client> => {
      const ours = { store: memoryStore(), locks: memoryLocks(), channels: memoryChannels(), name: account }
      const site = { account, realm, backend: backend(), token: () => token(account) }
      const client = await openClient({ ...ours, ...site, cipher, time: systemTime() })
      await until(() => client.state.value.name === 'online')
      return client
    }
    const [alice, bob] = [await open('alice'), await open('bob')]
    const [hers, his] = [watch(alice, 'bob'), watch(bob, 'alice')]
    const written = (who: string, from: number) => Array.from({ length: 8 }, (_, i) => `${who} ${from + i}`)
    const [all, hisOwn]: [string[], string[]] = [[], []]
    for (const round of [1, 2, 3]) {
      const [ones, others] = [written('alice', round * 10), written('bob', round * 10)]
      const writing = (async () => {
        for (const text of ones) await alice.conversation('bob').send(text)
        if (round > 1) for (const text of others) await bob.conversation('alice').send(text)
      })()
      // Somewhere in the middle: what has arrived by then is another number each time.
      const before = his.texts().length
      await until(() => his.texts().length >= before + round)
      await relay.restart()
      await writing
      all.push(...ones)
      if (round > 1) hisOwn.push(...others)
      for (const one of [alice, bob]) one.reconnect()
      const theirs = (texts: readonly string[]) => texts.filter((text) => text.startsWith('< '))
      await until(
        () => theirs(his.texts()).length >= all.length && theirs(hers.texts()).length >= hisOwn.length,
      )
      assert.deepEqual(
        theirs(his.texts()),
        all.map((text) => `< ${text}`),
      )
      assert.deepEqual(
        theirs(hers.texts()),
        hisOwn.map((text) => `< ${text}`),
      )
    }
    await Promise.all([alice.close(), bob.close()])
  }))
