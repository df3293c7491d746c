import { openClient, openSealedStore, run, type Client, type ThreadItem } from '@sotto/core'
import { memoryChannels, memoryLocks, memoryStore } from '@sotto/core/memory'
import { relayBackend } from '@sotto/core/relay'
import { liveSession } from '../../../packages/core/src/sessions/generations.js'
import { sessionRows } from '../../../packages/core/src/store/tables.js'
import type { EvilRelay } from '../evil-relay.js'
import { MachineDisk } from '../machine/machine-disk.js'
import type { Recording } from '../machine/recording.js'
import { Seeded } from '../machine/seeded.js'
import { FastTime } from './fast-time.js'
import { Faults, faultyBackend } from './faulty-backend.js'
import { MortalStore } from './mortal-store.js'

/** A person with one device, whose process can be killed, whose network fails and whose clock goes wrong. */
export class ChaosClient {
  readonly account: string
  readonly time: FastTime
  readonly faults: Faults
  /** How many batches have left it, repeats among them. */
  batches = 0
  readonly #relay: EvilRelay
  readonly #recording: Recording
  #disk = new MachineDisk()
  #running: { readonly client: Client; readonly store: MortalStore } | undefined
  readonly #dead: Client[] = []

  constructor(
    account: string,
    world: { relay: EvilRelay; recording: Recording; seed: number; start: number },
  ) {
    this.account = account
    this.#relay = world.relay
    this.#recording = world.recording
    this.time = new FastTime(new Seeded(world.seed), world.start)
    this.faults = new Faults(new Seeded(world.seed + 1))
  }

  get client(): Client {
    if (this.#running === undefined) throw new Error(`${this.account} is not running`)
    return this.#running.client
  }

  async open(): Promise<void> {
    const store = new MortalStore(memoryStore(this.#disk))
    const backend = faultyBackend(relayBackend({ url: this.#relay.url }), {
      faults: this.faults,
      onsend: (batch) => {
        this.#recording.sent(batch)
        this.batches++
      },
      aheadMs: () => this.time.rightNow() - this.time.now(),
    })
    const client = await openClient({
      account: this.account,
      realm: this.#relay.site.realm,
      backend,
      token: () => this.#relay.site.token(this.account, { now: this.time.rightNow() }),
      cipher: this.#recording.cipher,
      store,
      // Of a process of its own: nobody else is there.
      locks: memoryLocks(),
      channels: memoryChannels(),
      time: this.time,
      name: this.#name,
    })
    this.#running = { client, store }
  }

  /** What a store would hold after a power cut that said of what it wrote since that it was durable. */
  get copy(): MachineDisk {
    return this.#disk.copy()
  }

  /** The process ends where it stands, and another one begins: on the same disk, where it is given no other. */
  async killed(disk = this.#disk): Promise<void> {
    const running = this.#running
    if (running === undefined) return
    running.store.kill()
    const { isCut } = this.faults
    this.faults.cut()
    this.#dead.push(running.client)
    this.faults.isCut = isCut
    this.#disk = disk
    await this.open()
  }

  async close(): Promise<void> {
    for (const one of [...this.#dead, this.client]) await one.close().catch(() => undefined)
  }

  /** The whole thread with another account. */
  async thread(account: string): Promise<readonly ThreadItem[]> {
    const conversation = this.client.conversation(account)
    let items: readonly ThreadItem[] = []
    const stop = conversation.messages.subscribe((shown) => (items = shown))
    await conversation.loadEarlier()
    while (conversation.earlier.value !== 'none') await conversation.loadEarlier()
    stop()
    return items
  }

  /** The name of the live session with each device that it has one with. */
  async live(): Promise<ReadonlySet<string>> {
    const store = await openSealedStore(memoryStore(this.#disk), { name: this.#name })
    const all = await run(store, (rows) => sessionRows.list(rows, { prefix: '', limit: 100 }))
    return new Set(all.flatMap(({ row }) => liveSession(row)?.name ?? []))
  }

  get #name(): string {
    return `chaos-${this.account}`
  }
}
