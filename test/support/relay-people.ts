import {
  openClient,
  openSealedStore,
  readDevice,
  run,
  type Client,
  type ClientOptions,
  type OwnDevice,
  type SealedStore,
} from '@sotto/core'
import { systemTime } from '@sotto/core/browser'
import { MemoryDisk, memoryChannels, memoryLocks, memoryStore } from '@sotto/core/memory'
import type { SessionCipher, Time } from '@sotto/core/ports'
import { relayBackend } from '@sotto/core/relay'
import { createSignalCipher } from '@sotto/signal'
import { EvilRelay } from './evil-relay.js'
import { until } from './until.js'

/** One device of one person over an evil relay: a store that outlives its clients. */
export class RelayInstallation {
  readonly account: string
  readonly disk = new MemoryDisk()
  readonly locks = memoryLocks()
  readonly channels = memoryChannels()
  readonly #world: EvilWorld

  constructor(world: EvilWorld, account: string) {
    this.account = account
    this.#world = world
  }

  async open(options: Partial<ClientOptions> = {}): Promise<Client> {
    const { relay, cipher, time } = this.#world
    const client = await openClient({
      account: this.account,
      realm: relay.site.realm,
      backend: relayBackend({ url: relay.url }),
      token: () => relay.site.token(this.account),
      cipher,
      store: memoryStore(this.disk),
      locks: this.locks,
      channels: this.channels,
      time,
      name: this.name,
      ...options,
    })
    this.#world.clients.push(client)
    return client
  }

  async online(options: Partial<ClientOptions> = {}): Promise<Client> {
    const client = await this.open(options)
    await until(() => client.state.value.name === 'online')
    return client
  }

  sealed(): Promise<SealedStore> {
    return openSealedStore(memoryStore(this.disk), { name: this.name })
  }

  get name(): string {
    return `test-${this.account}`
  }

  async device(): Promise<OwnDevice> {
    const own = await run(await this.sealed(), readDevice)
    if (own === undefined) throw new Error('no device there')
    return own
  }
}

/** People over an evil relay. */
export class EvilWorld {
  readonly relay: EvilRelay
  readonly cipher: SessionCipher
  readonly time: Time
  readonly clients: Client[] = []

  private constructor(relay: EvilRelay, cipher: SessionCipher) {
    this.relay = relay
    this.cipher = cipher
    const time = systemTime()
    // The longest jitter there is, so that receipts and answers do not come between an attack and what is compared after it.
    this.time = {
      ...time,
      now: () => time.now(),
      monotonic: () => time.monotonic(),
      sleep: (ms, signal) => time.sleep(ms, signal),
      random: (below) => below - 1,
    }
  }

  static async start(): Promise<EvilWorld> {
    return new EvilWorld(await EvilRelay.start(), await createSignalCipher())
  }

  installation(account: string): RelayInstallation {
    return new RelayInstallation(this, account)
  }

  async stop(): Promise<void> {
    for (const client of this.clients) await client.close()
    await this.relay.stop()
  }
}

/** Runs a test over an evil relay and takes everything down after it. */
export async function withEvilRelay(work: (world: EvilWorld) => Promise<void>): Promise<void> {
  const world = await EvilWorld.start()
  try {
    await work(world)
  } finally {
    await world.stop()
  }
}
