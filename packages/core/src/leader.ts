import { SottoError, randomBytes, toHex } from '@sotto/protocol'
import { Lease } from './lease.js'
import type { Channel, Channels, HeldLock, Locks, Time } from './ports/index.js'
import { Writable, type Readable } from './readable.js'
import type { UnitStore } from './sessions/unit-of-work.js'

const beatMs = 1000
/** Beats that must fail to come before a visible tab steals the lead. */
const silentBeats = 5
const stealEveryMs = 60_000
/** How long a leader that hands over waits for its heir, before whoever is next may lead. */
const handOverMs = 5000

export type LeaderState =
  | { readonly name: 'idle' }
  | { readonly name: 'following' }
  | { readonly name: 'leading'; readonly epoch: number }

type Message =
  | { readonly kind: 'beat'; readonly hidden: boolean }
  /** A visible tab asks a hidden leader for the lead. */
  | { readonly kind: 'ask'; readonly from: string }
  /** The leader has stopped: `to` may steal the lock. */
  | { readonly kind: 'yours'; readonly to: string }

export interface LeaderOptions {
  /** Of the lock and the channel. */
  readonly name: string
  readonly store: UnitStore
  readonly locks: Locks
  readonly channels: Channels
  readonly time: Time
  /** Whether the person can see this tab. Without it, always. */
  readonly visible?: Readable<boolean>
}

/** Elects one leader among the tabs of a client, and says who it is. One for each tab. */
export class Leader {
  readonly #options: LeaderOptions
  readonly #id = toHex(randomBytes(16))
  readonly #state = new Writable<LeaderState>({ name: 'idle' })
  /** Seconds for which this tab, visible all the time, heard nothing. Counted, because a clock also runs while the computer sleeps. */
  #silent = 0
  #stoleAt: number | undefined
  #onask: ((from: string) => void) | undefined
  #onyours: (() => void) | undefined

  constructor(options: LeaderOptions) {
    this.#options = options
  }

  get state(): Readable<LeaderState> {
    return this.#state
  }

  /**
   * Takes part until `signal` says otherwise, and does `work` each time this tab leads. The work has to end soon after the lease's signal is
   * aborted: only then does the lead pass on in good order. Resolves after `signal`. Rejects with what `work` throws, but for `lost-lead` and
   * `aborted`, and as the store does when the lead is taken.
   */
  async lead(
    work: (lease: Lease) => Promise<void>,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<void> {
    const { channels, name, time } = this.#options
    const channel = channels.open(`${name}-leader`)
    channel.onmessage = (message) => this.#hear(channel, message as Message)
    try {
      while (!signal.aborted) {
        this.#state.set({ name: 'following' })
        const lock = await this.#win(signal)
        const lost = await this.#term(channel, lock, work, signal)
        // The lock says that we lead and the row that we do not: somebody shares our store without sharing our locks.
        if (lost) await time.sleep(beatMs, signal)
      }
    } catch (error) {
      if (!signal.aborted || !SottoError.is(error, 'aborted')) throw error
    } finally {
      channel.close()
      this.#state.set({ name: 'idle' })
    }
  }

  /** Waits for the lock in the queue, or steals it when the leader is silent or hands over. */
  async #win(signal: AbortSignal): Promise<HeldLock> {
    const { locks, name } = this.#options
    const waiting = abortedWith(signal)
    const watching = abortedWith(signal)
    const queued = locks.acquire(name, { signal: waiting.signal })
    try {
      const stealing = this.#watch(watching.signal).then(() => undefined)
      stealing.catch(() => undefined)
      const won = await Promise.race([queued, stealing])
      if (won !== undefined) return won
      waiting.abort()
      // It may have been granted in the very moment.
      return await queued.catch(() => locks.acquire(name, { signal, steal: true }))
    } catch (error) {
      // Or granted to a tab that has just given up: it would be held for as long as the page is there.
      queued.then(
        (lock) => lock.release(),
        () => undefined,
      )
      throw error
    } finally {
      waiting.abort()
      watching.abort()
    }
  }

  /** Resolves when this tab should steal the lock. */
  async #watch(signal: AbortSignal): Promise<void> {
    const { time } = this.#options
    const handedOver = new Promise<'yours'>((resolve) => {
      this.#onyours = () => resolve('yours')
    })
    this.#silent = 0
    for (;;) {
      if ((await Promise.race([handedOver, time.sleep(beatMs, signal)])) === 'yours') return
      this.#silent = this.#visible ? this.#silent + 1 : 0
      if (this.#silent < silentBeats || !this.#maySteal()) continue
      // Of several tabs one shall be the first; its beat quiets the others.
      if ((await Promise.race([handedOver, time.sleep(time.random(beatMs), signal)])) === 'yours') return
      if (this.#silent < silentBeats) continue
      this.#stoleAt = time.monotonic()
      return
    }
  }

  /** Leads once. Resolves with whether the lead was lost to somebody who does not hold our lock. */
  async #term(
    channel: Channel,
    lock: HeldLock,
    work: (lease: Lease) => Promise<void>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const term = abortedWith(signal, lock.lost)
    let heir: string | undefined
    let lost = false
    try {
      const lease = await Lease.take(this.#options.store, term.signal)
      this.#state.set({ name: 'leading', epoch: lease.epoch })
      this.#onask = (from) => {
        if (this.#visible || term.signal.aborted) return
        heir = from
        term.abort()
      }
      void this.#beat(channel, term.signal)
      await work(lease)
      await until(term.signal)
    } catch (error) {
      if (!SottoError.is(error, 'lost-lead') && !(SottoError.is(error, 'aborted') && term.signal.aborted))
        throw error
      lost = !term.signal.aborted
    } finally {
      term.abort()
      this.#onask = undefined
      this.#state.set({ name: 'following' })
      if (heir !== undefined) await this.#handOver(channel, lock, heir)
      lock.release()
    }
    return lost
  }

  async #beat(channel: Channel, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      post(channel, { kind: 'beat', hidden: !this.#visible })
      await this.#options.time.sleep(beatMs, signal).catch(() => undefined)
    }
  }

  async #handOver(channel: Channel, lock: HeldLock, heir: string): Promise<void> {
    post(channel, { kind: 'yours', to: heir })
    await this.#options.time.sleep(handOverMs, lock.lost).catch(() => undefined)
  }

  #hear(channel: Channel, message: Message): void {
    if (message.kind === 'ask') this.#onask?.(message.from)
    if (message.kind === 'yours' && message.to === this.#id) this.#onyours?.()
    if (message.kind !== 'beat') return
    this.#silent = 0
    if (message.hidden && this.#visible && this.#state.value.name === 'following') {
      post(channel, { kind: 'ask', from: this.#id })
    }
  }

  #maySteal(): boolean {
    return this.#stoleAt === undefined || this.#options.time.monotonic() - this.#stoleAt >= stealEveryMs
  }

  get #visible(): boolean {
    return this.#options.visible?.value ?? true
  }
}

const post = (channel: Channel, message: Message): void => channel.post(message)

/** A controller that is aborted with any of `signals`. */
function abortedWith(...signals: readonly AbortSignal[]): AbortController {
  const controller = new AbortController()
  for (const signal of signals) {
    if (signal.aborted) controller.abort()
    // Tied to the controller's own signal, so that a long-lived one does not collect listeners.
    else signal.addEventListener('abort', () => controller.abort(), { once: true, signal: controller.signal })
  }
  return controller
}

function until(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
