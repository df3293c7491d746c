import type { ThreadItem } from '@sotto/core'
import type { Backend, SessionCipher } from '@sotto/core/ports'
import type { Problem } from './machine/checker.js'
import { problemsOf } from './machine/checker.js'
import type { Shown } from './machine/history.js'
import { Recording } from './machine/recording.js'
import { MortalDevice } from './mortal-device.js'
import { Post } from './post.js'
import { World, type Installation } from './people.js'

/** For what is lost to be asked for and sent again, in milliseconds of the world's own clock. */
const repairMs = 600_000

export type DeviceName = 'phone' | 'tablet' | 'bob'

/** Alice's phone and tablet, and Bob, over a backend that is honest, while processes end; and what came of it. */
export class ThreeDevices {
  readonly world: World
  readonly phone: MortalDevice
  readonly bob: MortalDevice
  readonly recording: Recording
  /** The last stretch to Bob. */
  readonly post = new Post()
  /** Devices say when they log in that they know of all that they have done. */
  hidesWhatIsForgotten = false
  #tablet: MortalDevice | undefined
  readonly #said: { readonly by: MortalDevice; readonly text: string }[] = []
  #fresh: string[] = []

  constructor(cipher: SessionCipher) {
    this.recording = new Recording(cipher, (ours, theirs) => ours.join() < theirs.join())
    this.world = new World(this.recording.cipher)
    this.phone = this.#device('phone', 'bob', this.world.installation('alice'))
    this.bob = this.#device('bob', 'alice', this.world.installation('bob'))
  }

  get tablet(): MortalDevice {
    if (this.#tablet === undefined) throw new Error('it was not added')
    return this.#tablet
  }

  get all(): readonly MortalDevice[] {
    return [this.phone, this.bob, ...(this.#tablet === undefined ? [] : [this.#tablet])]
  }

  /** Opens Alice's first device and Bob's, each for the first time. */
  async setUp(): Promise<void> {
    await this.#online(this.bob)
    await this.#online(this.phone)
  }

  /** Alice gets another device. */
  async addTablet(): Promise<void> {
    this.#tablet = this.#device('tablet', 'bob', await this.world.join(this.phone.installation))
    await this.#online(this.tablet)
  }

  async say(by: MortalDevice, ...texts: readonly string[]): Promise<void> {
    for (const text of texts) {
      await by.send(text)
      this.#said.push({ by, text })
      this.#fresh.push(text)
    }
  }

  /** Lets time pass until what was said since the last time is there on every device; or there was long enough for it. */
  async read(): Promise<void> {
    const isThere = async () => {
      const threads = await this.#glimpses()
      return threads.every((items) => {
        const shown = new Set(items.map((item) => (item.kind === 'text' ? item.text : '')))
        return this.#fresh.every((text) => shown.has(text))
      })
    }
    await this.world.time.until(isThere, repairMs).catch(() => undefined)
    this.#fresh = []
  }

  /** Lets time pass until Bob has told Alice that all of hers came. */
  received(): Promise<void> {
    return this.world.time.until(async () => {
      const [items = []] = await this.#glimpses()
      return items.every((one) => one.kind !== 'text' || !one.mine || one.state?.name === 'delivered')
    })
  }

  /** Everything that is wrong in the end, looked at by processes that have only the store to go by. */
  async end(): Promise<readonly Problem[]> {
    const threads = new Map<string, readonly Shown[]>()
    for (const one of this.all) {
      await one.killed()
      threads.set(one.name, await one.shows())
    }
    for (const one of this.all) await one.close()
    return problemsOf({
      devices: this.all.map(({ name, account }) => ({ name, account })),
      said: this.#said.map(({ by: { name, account }, text }) => ({
        device: name,
        account,
        text,
        isForgotten: false,
      })),
      threads,
      repaired: threads,
      last: this.#said.map(({ text }) => text),
      unread: [],
      unreadLast: 0,
      used: this.recording.used,
      live: [],
      harm: { dropped: 0, restored: 0, shuffled: 0 },
    })
  }

  #device(name: DeviceName, peer: string, installation: Installation): MortalDevice {
    return new MortalDevice(this.world, {
      name,
      peer,
      installation,
      over: (inner) => (name === 'bob' ? this.post.over(this.#watched(inner)) : this.#watched(inner)),
    })
  }

  /** Of all, whose processes are begun again where they have ended. */
  async #glimpses(): Promise<readonly (readonly ThreadItem[])[]> {
    const threads: (readonly ThreadItem[])[] = []
    for (const one of this.all) threads.push(await one.glimpse())
    return threads
  }

  #online(device: MortalDevice): Promise<void> {
    return device.until(({ state }) => state.value.name === 'online')
  }

  /** What leaves a device is remembered. */
  #watched(inner: Backend): Backend {
    return (login) => {
      const backend = inner(() =>
        this.hidesWhatIsForgotten ? { ...login(), epoch: 2 ** 30, sends: 2 ** 40 } : login(),
      )
      const open: typeof backend.transport.open = async (options) => {
        const connection = await backend.transport.open(options)
        const send = connection.send.bind(connection)
        connection.send = (batch) => {
          this.recording.sent(batch)
          return send(batch)
        }
        return connection
      }
      return { ...backend, transport: { open } }
    }
  }
}
