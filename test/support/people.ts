import {
  addDevice,
  makeDevice,
  openClient,
  openSealedStore,
  prepareJoining,
  putDevice,
  readDevice,
  run,
  signFirstList,
  signNextList,
  type Client,
  type ClientOptions,
  type OwnDevice,
  type SealedStore,
  type ThreadItem,
} from '@sotto/core'
import {
  MemoryLink,
  manualTime,
  memoryChannels,
  memoryLocks,
  memoryNetwork,
  memoryStore,
  type ManualTime,
  type MemoryNetwork,
} from '@sotto/core/memory'
import type { SessionCipher } from '@sotto/core/ports'
import { deviceOf } from '@sotto/protocol'
import { createSignalCipher } from '@sotto/signal'
import { MachineDisk } from './machine/machine-disk.js'
import { until } from './until.js'

export const realm = 'example.com'

/** One person's device: a store that outlives its clients, and what it takes to open it again. */
export class Installation {
  readonly account: string
  readonly disk = new MachineDisk()
  readonly link = new MemoryLink()
  readonly locks = memoryLocks()
  readonly channels = memoryChannels()
  readonly #world: World

  constructor(world: World, account: string) {
    this.#world = world
    this.account = account
  }

  /** Its store as the client sees it. */
  sealed(): Promise<SealedStore> {
    return openSealedStore(memoryStore(this.disk), { name: this.name })
  }

  /** What its store is sealed under. */
  get name(): string {
    return `test-${this.account}`
  }

  /** Opens a client, as a tab would; several of one installation are tabs. */
  async open(options: Partial<ClientOptions> = {}): Promise<Client> {
    const { network, time, cipher } = this.#world
    return openClient({
      account: this.account,
      realm,
      backend: network.backend(this.link),
      token: () => Promise.resolve(network.token(this.account)),
      cipher,
      store: memoryStore(this.disk),
      locks: this.locks,
      channels: this.channels,
      time,
      name: this.name,
      ...options,
    })
  }
}

/** A site with its backend in memory, and a clock that is turned by hand. */
export class World {
  readonly time: ManualTime
  readonly network: MemoryNetwork
  readonly cipher: SessionCipher

  constructor(cipher: SessionCipher) {
    this.time = manualTime()
    this.network = memoryNetwork({ realm, time: this.time })
    this.cipher = cipher
  }

  static async make(): Promise<World> {
    return new World(await createSignalCipher())
  }

  installation(account: string): Installation {
    return new Installation(this, account)
  }

  /** Lets time pass until a client is online. */
  async online(client: Client): Promise<Client> {
    // In real time too: what is loaded when a client first leads comes over a real network in a browser.
    await until(async () => {
      if (client.state.value.name !== 'online') await this.time.advance(200)
      return client.state.value.name === 'online'
    })
    return client
  }

  /** What an installation's store says of its own device. */
  async deviceOn(installation: Installation): Promise<OwnDevice> {
    const own = await run(await installation.sealed(), readDevice)
    if (own === undefined) throw new Error('no device there')
    return own
  }

  /** Adds a second (third, …) device to the account of `first`, as linking will. Its installation can be opened then. */
  async join(first: Installation): Promise<Installation> {
    const own = await this.deviceOn(first)
    const next = this.installation(first.account)
    const [firstStore, store] = [await first.sealed(), await next.sealed()]
    const { cipher, time, network } = this
    const now = time.now()
    const joining = await prepareJoining(own.chain, {
      cipher,
      policy: 'crypto-key',
      run: (work) => run(store, work),
      now,
    })
    const token = () => Promise.resolve(network.token(first.account))
    const login = () => ({
      ...own.address,
      ...network.knownOf(own.address.device),
      token,
      sign: own.sign,
    })
    const { directory } = network.backend(first.link)(login)
    const chain = await addDevice(own, joining.device, joining.keys, {
      directory,
      run: (work) => run(firstStore, work),
      now,
    })
    if (deviceOf(chain, joining.device.device.id) === undefined) throw new Error('not on the list')
    await joining.finish(chain)
    return next
  }

  /** Takes a device off its account's list, by another device of the account. */
  async remove(by: Installation, gone: Installation): Promise<void> {
    const [own, other] = [await this.deviceOn(by), await this.deviceOn(gone)]
    const { signed } = await signNextList(own, own.chain, { remove: [other.address.device] }, this.time.now())
    const token = () => Promise.resolve(this.network.token(by.account))
    const login = () => ({
      ...own.address,
      ...this.network.knownOf(own.address.device),
      token,
      sign: own.sign,
    })
    await this.network.backend(by.link)(login).directory.publish(signed)
  }

  /** What a reset does: the name starts again in the next era, on a new installation. */
  async reset(account: string, era = 1): Promise<Installation> {
    this.network.accounts.reset(account)
    const next = this.installation(account)
    const made = await makeDevice(this.cipher, 'crypto-key', this.time.now())
    const chain = await signFirstList(made, realm, account, era, this.time.now())
    await run(await next.sealed(), async (rows) => putDevice(rows, made, chain, false))
    return next
  }

  async person(account: string): Promise<Client> {
    return this.online(await this.installation(account).open())
  }
}

/** Two people on one memory network. */
export async function twoPeople(): Promise<{ world: World; alice: Client; bob: Client }> {
  const world = await World.make()
  return { world, alice: await world.person('alice'), bob: await world.person('bob') }
}

export interface Watched {
  readonly items: readonly ThreadItem[]
  texts(): string[]
  /** Whether the other side has said that all of ours came: no receipt is on its way. */
  allDelivered(): boolean
  stop(): void
}

/** What a person sees of a thread, kept up to date. */
export function watch(client: Client, account: string): Watched {
  let items: readonly ThreadItem[] = []
  const stop = client.conversation(account).messages.subscribe((next) => (items = next))
  return {
    stop,
    get items() {
      return items
    },
    allDelivered: () =>
      items.every((one) => one.kind !== 'text' || !one.mine || one.state?.name === 'delivered'),
    texts: () => items.flatMap((one) => (one.kind === 'text' ? [`${one.mine ? '>' : '<'} ${one.text}`] : [])),
  }
}
