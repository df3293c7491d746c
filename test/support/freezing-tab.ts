import type { Client } from '@sotto/core'
import { memoryStore } from '@sotto/core/memory'
import type { Backend, Change, Channels, Connection, Locks, Store, Time } from '@sotto/core/ports'
import type { Batch } from '@sotto/protocol'
import { Seal } from '../../packages/core/src/store/seal.js'
import type { Installation, World } from './people.js'

/** When it freezes: `before` a read or a commit is asked of the store; or `after` a commit is durable, when it has not been told yet. */
export type FreezeIn = 'before a read' | 'before a commit' | 'after a commit'

/** How long after a tab was thawed it is told that its lock was stolen, in milliseconds of the world's clock. */
const toldAfterMs = 1_500

/** A tab that a browser may suspend in the middle of anything: it is told nothing then, and does nothing, and goes on later as if nothing had been. */
export class FreezingTab {
  /** What it has sent, or tried to. */
  readonly sent: Batch[] = []
  /** How often it has connected. */
  opened = 0
  /** What it has committed, and what a backend has taken of it, since it was thawed. */
  readonly late: string[] = []
  /** What it has asked of its store, counted. */
  readonly asked = { 'a read': 0, 'a commit': 0 }
  #doom: { readonly nth: number; readonly when: FreezeIn } | undefined
  #wasThawed = false
  #frozen: { readonly thawed: Promise<void>; readonly thaw: () => void } | undefined
  readonly #world: World
  readonly #place: Installation
  #client: Client | undefined

  constructor(world: World, place: Installation) {
    this.#world = world
    this.#place = place
  }

  get client(): Client {
    if (this.#client === undefined) throw new Error('it was not opened')
    return this.#client
  }

  get isFrozen(): boolean {
    return this.#frozen !== undefined
  }

  async open(): Promise<this> {
    const { channels, locks, disk } = this.#place
    this.#client = await this.#place.open({
      store: this.#store(memoryStore(disk)),
      time: this.#time(this.#world.time),
      locks: this.#locks(locks),
      channels: this.#channels(channels),
      backend: this.#backend(this.#world.network.backend(this.#place.link)),
    })
    return this
  }

  /** It will freeze in the read or commit that is the nth from now, counted from 1. */
  freezeIn(nth: number, when: FreezeIn): void {
    this.#doom = { nth: nth + this.asked[when === 'before a read' ? 'a read' : 'a commit'], when }
  }

  freeze(): void {
    let thaw = () => undefined as void
    const thawed = new Promise<void>((resolve) => (thaw = resolve))
    this.#frozen = { thawed, thaw }
  }

  thaw(): void {
    this.#doom = undefined
    this.#wasThawed = true
    this.#frozen?.thaw()
    this.#frozen = undefined
  }

  #did(what: string): void {
    if (this.#wasThawed) this.late.push(what)
  }

  /** Nothing goes on in a frozen tab. */
  async #awake(): Promise<void> {
    while (this.#frozen !== undefined) await this.#frozen.thawed
  }

  async #told<T>(answer: Promise<T>): Promise<T> {
    return answer.finally(() => this.#awake())
  }

  #store(inner: Store): Store {
    const ask = async <T>(what: 'a read' | 'a commit', question: () => Promise<T>): Promise<T> => {
      await this.#awake()
      const when = ++this.asked[what] === this.#doom?.nth ? this.#doom.when : undefined
      if (when === `before ${what}`) this.freeze()
      await this.#awake()
      const answer = question()
      if (when === `after ${what}`) await answer.catch(() => undefined).then(() => this.freeze())
      return this.#told(answer)
    }
    const commit = async (changes: readonly Change[]) => {
      await inner.commit(this.#wasThawed ? await this.#onlyLead(inner, changes) : changes)
      this.#did(`committed ${changes.map(({ kind }) => kind).join(', ')}`)
    }
    return {
      get: (table, key) => ask('a read', () => inner.get(table, key)),
      list: (table, range) => ask('a read', () => inner.list(table, range)),
      commit: (changes) => ask('a commit', () => commit(changes)),
      close: () => inner.close(),
      destroy: () => inner.destroy(),
    }
  }

  /**
   * A commit that expects nothing but to be the leader's. Whoever leads since will mostly have changed the other rows, too; that it did is no
   * part of what is promised, and would hide that the lead was not looked at.
   */
  async #onlyLead(inner: Store, changes: readonly Change[]): Promise<readonly Change[]> {
    const root = await inner.get('root', 'key')
    if (!(root?.value instanceof CryptoKey)) throw new Error('no root key')
    const seal = await Seal.of(root.value, this.#place.name)
    const [table, key] = [seal.table('leader'), seal.key('leader', 'leader')]
    return changes.flatMap((change): readonly Change[] => {
      if (change.table === table && change.key === key) return [change]
      if (change.kind === 'check') return []
      const { expect: _expect, ...rest } = change
      return [rest]
    })
  }

  #time(time: Time): Time {
    return {
      now: () => time.now(),
      monotonic: () => time.monotonic(),
      random: (below) => time.random(below),
      sleep: (ms, signal) => this.#told(time.sleep(ms, signal)),
    }
  }

  #locks(locks: Locks): Locks {
    return {
      acquire: async (name, options) => {
        const { lost, release } = await this.#told(
          locks.acquire(name, options).then((held) => ({ lost: held.lost, release: () => held.release() })),
        )
        const told = new AbortController()
        const lose = () =>
          void this.#awake()
            .then(() => this.#world.time.sleep(this.#wasThawed ? toldAfterMs : 0))
            .then(() => told.abort())
        if (lost.aborted) lose()
        else lost.addEventListener('abort', lose)
        return { lost: told.signal, release }
      },
    }
  }

  #channels(channels: Channels): Channels {
    return {
      open: (name) => {
        const inner = channels.open(name)
        const channel = {
          post: (message: unknown) => inner.post(message),
          onmessage: undefined as ((message: unknown) => void) | undefined,
          close: () => inner.close(),
        }
        inner.onmessage = (message) => void this.#awake().then(() => channel.onmessage?.(message))
        return channel
      },
    }
  }

  #backend(inner: Backend): Backend {
    return (login) => {
      const { transport, directory, ...rest } = inner(login)
      const told = <T>(question: () => Promise<T>) => this.#awake().then(() => this.#told(question()))
      return {
        ...rest,
        directory: {
          publish: (list, keys) => told(() => directory.publish(list, keys)),
          lists: (account, since) => told(() => directory.lists(account, since)),
          publishKeys: (keys) => told(() => directory.publishKeys(keys)),
          countKeys: () => told(() => directory.countKeys()),
          claim: (account, device) => told(() => directory.claim(account, device)),
        },
        transport: {
          open: (options) =>
            told(async () => {
              const connection = await transport.open(options)
              this.opened++
              return this.#connection(connection)
            }),
        },
      }
    }
  }

  #connection(inner: Connection): Connection {
    const awake = () => this.#awake()
    return {
      send: async (batch) => {
        await awake()
        this.sent.push(batch)
        return this.#told(
          inner.send(batch).then((sent) => {
            this.#did(sent.outcome)
            return sent
          }),
        )
      },
      set onwake(wake: ((what: number) => void) | undefined) {
        inner.onwake = wake && ((what) => void awake().then(() => wake(what)))
      },
      close: () => inner.close(),
      async *[Symbol.asyncIterator]() {
        for await (const delivery of inner) {
          await awake()
          yield delivery
        }
        await awake()
      },
    }
  }
}
