import { openClient, openSealedStore, run, type Client, type ThreadItem } from '@sotto/core'
import { memoryChannels, memoryLocks, memoryStore } from '@sotto/core/memory'
import { relayBackend } from '@sotto/core/relay'
import { SottoError, type ErrorCode } from '@sotto/protocol'
import { liveSession } from '../../../packages/core/src/sessions/generations.js'
import { sessionRows } from '../../../packages/core/src/store/tables.js'
import type { EvilRelay } from '../evil-relay.js'
import { MachineDisk } from '../machine/machine-disk.js'
import type { Recording } from '../machine/recording.js'
import { Seeded } from '../machine/seeded.js'
import { FastTime } from './fast-time.js'
import { Faults, faultyBackend } from './faulty-backend.js'
import { FrailPlan, frailStore } from '../frail-store.js'
import { MortalStore, type DeathIn } from './mortal-store.js'

/** A person with one device, whose process can be killed, whose network fails, whose disk is full and whose clock goes wrong. */
export class ChaosClient {
  readonly account: string
  readonly time: FastTime
  readonly faults: Faults
  readonly #relay: EvilRelay
  readonly #recording: Recording
  #disk = new MachineDisk()
  #running: { readonly client: Client; readonly store: MortalStore } | undefined
  readonly #dead: Client[] = []
  /** How many of the next commits find no room. */
  #full = 0
  #doom: { commits: number; readonly when: DeathIn } | undefined
  /** What ended a process, apart from `killed`, and what a full disk refused: to see that something did. */
  readonly harmed = { deaths: 0, full: 0 }

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

  /** The next `commits` find no room. */
  full(commits: number): void {
    this.#full = commits
  }

  /** The process will end in one of the commits to come, counted from 1. */
  endIn(commits: number, when: DeathIn): void {
    this.#doom = { commits, when }
  }

  /** Nothing more happens to its process and its disk. */
  spare(): void {
    this.#full = 0
    this.#doom = undefined
  }

  /** The process that runs. Another one, where that one has ended, or says that it stopped because of its disk: as often as it takes. */
  async alive(): Promise<Client> {
    for (;;) {
      try {
        const running = this.#running
        const state = running?.client.state.value
        if (state?.name === 'stopped' && !harms.has(state.code)) throw new SottoError(state.code as 'closed')
        if (running?.store.isDead === false && state?.name !== 'stopped') return running.client
        await this.killed()
      } catch (error) {
        if (!isHarm(error)) throw error
      }
    }
  }

  /** Writes, and again as long as there is no room. Where the process ends meanwhile, its person looks first whether the text is there. */
  async send(account: string, text: string): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        const client = await this.alive()
        const isThere = async () =>
          (await this.thread(account)).some((one) => one.kind === 'text' && one.text === text)
        if (tries === 0 || !(await isThere())) await client.conversation(account).send(text)
        return
      } catch (error) {
        if (!isHarm(error)) throw error
      }
    }
  }

  async open(): Promise<void> {
    const plan = new FrailPlan('store-full', () => {
      if (this.#full === 0) return false
      this.#full--
      this.harmed.full++
      return true
    })
    const store = new MortalStore(frailStore(memoryStore(this.#disk), plan), {
      isLast: () => this.#isLast(),
      ondeath: () => {
        const { isCut } = this.faults
        this.faults.cut()
        this.faults.isCut = isCut
      },
    })
    const backend = faultyBackend(relayBackend({ url: this.#relay.url }), {
      faults: this.faults,
      onsend: (batch) => {
        this.#recording.sent(batch)
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
    if (running !== undefined) {
      running.store.kill()
      this.#dead.push(running.client)
    }
    this.#running = undefined
    this.#disk = disk
    await this.open()
  }

  async close(): Promise<void> {
    for (const one of [...this.#dead, await this.alive()]) await one.close().catch(() => undefined)
  }

  /** The whole thread with another account. */
  async thread(account: string): Promise<readonly ThreadItem[]> {
    const conversation = (await this.alive()).conversation(account)
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

  #isLast(): DeathIn | undefined {
    if (this.#doom === undefined || --this.#doom.commits > 0) return undefined
    const { when } = this.#doom
    this.#doom = undefined
    this.harmed.deaths++
    return when
  }

  get #name(): string {
    return `chaos-${this.account}`
  }
}

/** What a process that ends, or a disk without room, makes of a call. */
const harms: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['closed', 'store-full'])
const isHarm = (error: unknown): boolean => SottoError.is(error) && harms.has(error.code)
