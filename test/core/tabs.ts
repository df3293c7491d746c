import {
  manualTime,
  memoryChannels,
  memoryLocks,
  memoryStore,
  MemoryDisk,
  type ManualTime,
} from '@sotto/core/memory'
import { utf8 } from '@sotto/protocol'
import { Leader } from '../../packages/core/src/leader.js'
import type { Lease } from '../../packages/core/src/lease.js'
import { Writable } from '../../packages/core/src/readable.js'
import { run } from '../../packages/core/src/sessions/run.js'
import { openSealedStore, type SealedStore } from '../../packages/core/src/store/sealed-store.js'

/** One tab of a client: it takes part in the election, and works under the lease until that is over. */
export class Tab {
  readonly leader: Leader
  readonly store: SealedStore
  readonly visible: Writable<boolean>
  readonly leases: Lease[] = []
  readonly ended: Promise<void>
  readonly #stop = new AbortController()

  constructor(
    options: ConstructorParameters<typeof Leader>[0] & { store: SealedStore; visible: Writable<boolean> },
  ) {
    this.store = options.store
    this.visible = options.visible
    this.leader = new Leader(options)
    this.ended = this.leader.lead((lease) => this.#work(lease), { signal: this.#stop.signal })
  }

  get leads(): boolean {
    return this.leader.state.value.name === 'leading'
  }

  get lease(): Lease {
    const lease = this.leases.at(-1)
    if (lease === undefined) throw new Error('never led')
    return lease
  }

  close(): Promise<void> {
    this.#stop.abort()
    return this.ended
  }

  write(key: string, lease: Lease): Promise<void> {
    return run(this.store, async (unit) => unit.put('t', key, utf8('x')), { lease })
  }

  async #work(lease: Lease): Promise<void> {
    this.leases.push(lease)
    await new Promise<void>((resolve) => lease.signal.addEventListener('abort', () => resolve()))
  }
}

export interface Frozen {
  frozen: boolean
}

/** A tab's view of time that can freeze, as a browser freezes a tab: nothing that sleeps wakes any more. */
export function freezable(time: ManualTime): ManualTime & Frozen {
  return Object.assign(Object.create(time) as ManualTime, {
    frozen: false,
    now: () => time.now(),
    monotonic: () => time.monotonic(),
    random: (below: number) => time.random(below),
    async sleep(this: Frozen, ms: number, signal?: AbortSignal) {
      await time.sleep(ms, signal)
      if (this.frozen) await new Promise(() => undefined)
    },
  })
}

export function world() {
  const [disk, time, locks, channels] = [new MemoryDisk(), manualTime(), memoryLocks(), memoryChannels()]
  const tabs: Tab[] = []
  return {
    time,
    tabs,
    channels,
    leaders: () => tabs.filter((tab) => tab.leads),
    async open(options: { visible?: boolean; time?: ManualTime } = {}): Promise<Tab> {
      const store = await openSealedStore(memoryStore(disk), { name: 'sotto-test' })
      const visible = new Writable(options.visible ?? true)
      const tab = new Tab({ name: 'sotto-test', store, locks, channels, time, ...options, visible })
      tabs.push(tab)
      await time.settle()
      return tab
    },
    async close() {
      await Promise.all(tabs.map((tab) => Promise.race([tab.close(), time.advance(10_000)])))
    },
  }
}
