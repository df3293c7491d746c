import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { relayBackend } from '@sotto/core/relay'
import type { Connection } from '@sotto/core/ports'
import { SottoError, type Batch } from '@sotto/protocol'
import { assert, test } from '#test'
import { CaseDevice } from '../../packages/core/src/testing/case-device.js'
import { RelayProcess } from '../support/relay-process.js'
import { Site } from '../support/signing-site.js'
import { until } from '../support/until.js'

/** Mounts a small disk on the folder that is named first, which this process alone sees, and becomes what is named after it. */
const within = (folder: string) => [
  'unshare',
  '--map-root-user',
  '--mount',
  'sh',
  '-c',
  'mount -t tmpfs -o size=16m tmpfs "$0" && exec "$@"',
  folder,
]

/** Not in many a container. `storage.test.ts`, whose database may not grow, has to do there. */
const canMount = ((): boolean => {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-full-'))
  const [command, ...args] = [...within(folder), 'true']
  const { status } = spawnSync(command, args)
  rmSync(folder, { recursive: true })
  return status === 0
})()

/** A relay process with a small disk of its own. */
class Cramped {
  readonly site = new Site()
  readonly #folder: string
  readonly #process: RelayProcess
  #url = ''

  constructor(folder: string) {
    this.#folder = folder
    const settings = {
      SOTTO_REALM: this.site.realm,
      SOTTO_TOKEN_SECRET: this.site.secret,
      SOTTO_DATABASE: join(folder, 'relay.sqlite'),
      PORT: '0',
    }
    this.#process = new RelayProcess([], settings, within(folder))
  }

  async start(): Promise<this> {
    this.#url = await this.#process.url()
    return this
  }

  get place() {
    return {
      realm: this.site.realm,
      backend: () => relayBackend({ url: this.#url }),
      token: (account: string) => this.site.token(account),
      dispose: () => Promise.resolve(),
    }
  }

  /** Nothing more goes onto its disk. */
  fill(): void {
    for (const size of [65_536, 512, 1])
      try {
        for (;;) appendFileSync(this.#filler, new Uint8Array(size))
      } catch (error) {
        assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC')
      }
  }

  empty(): void {
    rmSync(this.#filler)
  }

  async end(): Promise<void> {
    assert.equal(await this.#process.stop(), 0, this.#process.errors)
  }

  kill(): Promise<unknown> {
    return this.#process.stop('SIGKILL')
  }

  /** Its disk as seen from here. */
  get #filler(): string {
    return join(`/proc/${this.#process.pid}/root`, this.#folder, 'filler')
  }
}

const idOf = (batch: Batch) => batch.envelopes[0]?.id ?? ''

/** The ids of what is delivered, each acknowledged. */
function read(connection: Connection): string[] {
  const ids: string[] = []
  const reading = (async () => {
    for await (const { stamped, ack } of connection) {
      ids.push(stamped.envelope.id)
      ack()
    }
  })()
  reading.catch(() => undefined)
  return ids
}

const whole = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-full-'))
  const relay = new Cramped(folder)
  try {
    await relay.start()
    const [alice, bob] = [await CaseDevice.published(relay.place), await CaseDevice.published(relay.place)]
    const out = await alice.open()
    const send = async (batch: Batch) => {
      const sent = await out.send(batch)
      return sent.outcome === 'sent' ? 'sent' : sent.code
    }
    // Somebody has read something, and says so when there is no room left even for that.
    const carol = await CaseDevice.published(relay.place)
    const hers = (await carol.open())[Symbol.asyncIterator]()
    const toCarol = alice.batchTo([carol])
    assert.equal(await send(toCarol), 'sent')
    const first = await hers.next()
    const held = Array.from({ length: 20 }, () => alice.batchTo([bob]))
    for (const batch of held) assert.equal(await send(batch), 'sent')
    relay.fill()
    const taken: Batch[] = []
    const refused: Batch[] = []
    // What lies in its log has room for a few more.
    while (refused.length < 5) {
      const batch = alice.batchTo([bob])
      const code = await send(batch)
      assert.include(['sent', 'backend-failed'], code)
      ;(code === 'sent' ? taken : refused).push(batch)
      assert.isBelow(taken.length, 1_000)
    }
    if (first.done !== true) first.value.ack()
    // Whoever comes now is told so too, and not that there is nothing for them.
    const code = await bob.open().then(
      () => 'open',
      (error: unknown) => (SottoError.is(error) ? error.code : String(error)),
    )
    relay.empty()
    const inbox = read(await bob.open())
    for (const batch of refused) assert.equal(await send(batch), 'sent')
    const all = [...held, ...taken, ...refused].map(idOf)
    await until(() => all.every((id) => inbox.includes(id)))
    const last = alice.batchTo([bob])
    assert.equal(await send(last), 'sent')
    await until(() => inbox.includes(idOf(last)))
    assert.deepEqual(inbox, [...all, idOf(last)])
    assert.equal(code, 'backend-failed')
    // It may come again, because it could not be said that it had come; and what comes after it does.
    const more = alice.batchTo([carol])
    assert.equal(await send(more), 'sent')
    const again = read(await carol.open())
    await until(() => again.includes(idOf(more)))
    assert.includeMembers([idOf(toCarol), idOf(more)], again)
    for (const one of [alice, bob, carol]) one.closeAll()
    await relay.end()
  } finally {
    await relay.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}

if (canMount)
  test(
    'a relay whose disk is really full says so to senders, loses nothing that it took, and goes on when there is room',
    whole,
  )
else test('nobody may mount a disk here, so that no relay is seen on a full one', () => undefined)
