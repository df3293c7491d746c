import { SottoError, allowsCall, check, randomBytes, toHex } from '@sotto/protocol'
import { callAnnouncement, type Announce, type Announcement } from '../announcements.js'
import type { OwnDevice } from '../account/own-device.js'
import type { Locks, Media, MediaServer, Time } from '../ports/index.js'
import { isDirect, readPeer, relationOf } from '../peers/peer.js'
import { Writable } from '../readable.js'
import type { Run } from '../store/rows.js'
import { applyEvent, listCalls, placeCall } from './call-commits.js'
import { lineOutcome } from './call-lines.js'
import type { Call, CallOptions } from './call-api.js'
import type { CallOutcome, CallRow } from './call-row.js'
import { isRefused, type CallEvent } from './call-state.js'
import { agreeDirect, isDirectAgreed } from './direct-agreement.js'
import { KeptDevices } from './kept-devices.js'
import { NamedServers } from './named-servers.js'
import { TabCall } from './tab-call.js'

export interface CallsContext {
  readonly run: Run
  readonly time: Time
  readonly locks: Locks
  /** Of the client: its tabs' locks begin with it. */
  readonly name: string
  readonly media: Media | undefined
  readonly own: () => Promise<OwnDevice>
  readonly announce: Announce
  /** What the site lets this account do; `undefined` is everything. */
  readonly features: () => ReadonlySet<string> | undefined
  /** From the leading tab's login. */
  readonly servers: () => Promise<readonly MediaServer[]>
  /** Somebody calls. */
  readonly onring: (call: Call) => void
  /** Aborted when the client is closed. */
  readonly signal: AbortSignal
}

/** The calls of one tab: at most one at a time. The store says how it stands; the tab that has it moves its media. */
export class Calls {
  readonly current = new Writable<Call | undefined>(undefined)
  readonly devices: KeptDevices
  /** This tab's own name: while its lock is held, the tab is there. */
  readonly #tab = toHex(randomBytes(16))
  readonly #context: CallsContext
  readonly #named: NamedServers
  #shown: TabCall | undefined
  #alive: Promise<unknown> | undefined
  #watched: AbortController | undefined
  #queue: Promise<unknown> = Promise.resolve()

  constructor(context: CallsContext) {
    this.#context = context
    this.#named = new NamedServers(context.servers, context.time)
    const { run, announce, media, signal } = context
    this.devices = new KeptDevices({
      run,
      announce,
      media,
      allow: (video) => this.#allow(video),
      free: () => {
        check(!signal.aborted, 'call-refused', { reason: 'this client is closed' })
        check(this.current.value === undefined, 'call-refused', { reason: 'in a call' })
      },
    })
    signal.addEventListener('abort', () => {
      this.devices.release()
      this.#watched?.abort()
      this.#shown?.end(undefined)
    })
  }

  /** Calls an account. Resolves when it is to ring there. Rejects with `call-refused`, `call-direct`, `forbidden`, `blocked`, `rate-limited`, `offline`. */
  async place(account: string, { video = false, direct = false }: CallOptions = {}): Promise<Call> {
    const { run, time, own, media } = this.#context
    if (media === undefined) throw new SottoError('call-refused', { reason: 'this client has no media' })
    await this.#prepare({ video, direct })
    await this.#live()
    const id = toHex(randomBytes(16))
    const device = await own()
    const call = { id, account, video, tab: this.#tab }
    const row = await run((rows) => placeCall(rows, call, { own: device, now: time.now() }))
    this.#tell(row, [])
    await this.#queue
    if (this.#shown?.id !== id) throw new SottoError('call-over')
    return this.#shown
  }

  /** What was committed, by whichever tab: reads the store again, and does what is ours to do. */
  heard({ call, tab, outcome, effects }: Announcement & { readonly kind: 'call' }): void {
    this.#queue = this.#queue
      .then(() => this.#read(call, outcome))
      .then(() => {
        if (tab === this.#tab && this.#shown?.id === call) this.#shown.take(effects)
      })
      .catch((error: unknown) => {
        if (!SottoError.is(error)) throw error
      })
  }

  /** At the start. Resolves with what shows a call that rings, or one whose tab is gone. */
  async load(): Promise<() => void> {
    const [[row]] = await Promise.all([this.#context.run(listCalls), this.devices.load()])
    return () => {
      if (row !== undefined) this.heard({ kind: 'call', account: row.account, call: row.id, effects: [] })
    }
  }

  /** Ends a call with an account that the person has blocked meanwhile. */
  async judge(account: string): Promise<void> {
    const shown = this.#shown
    if (shown === undefined || shown.account !== account) return
    const { row } = await this.#context.run((rows) => readPeer(rows, account))
    if (relationOf(row) !== 'blocked') return
    await (shown.state.value.phase === 'rung' ? shown.decline() : shown.hangUp())
  }

  /** Hangs up what this tab has, before it goes. */
  async leave(): Promise<void> {
    const shown = this.#shown
    if (shown === undefined || !shown.state.value.here) return
    await shown.hangUp().catch((error: unknown) => {
      if (!SottoError.is(error)) throw error
    })
  }

  async #read(id: string, outcome: CallOutcome | undefined): Promise<void> {
    const row = (await this.#context.run(listCalls)).find((one) => one.id === id)
    if (row === undefined) {
      const shown = this.#shown
      if (shown?.id !== id) return
      // What was told first may be read when it is over already: then the line knows how it ended.
      const { account } = shown
      this.#gone(shown, outcome ?? (await this.#context.run((rows) => lineOutcome(rows, account, id))))
      return
    }
    if (this.#shown?.id !== id) {
      if (this.#shown !== undefined) this.#gone(this.#shown, undefined)
      this.#shown = this.#made(row)
      this.devices.release()
      this.current.set(this.#shown)
      if (row.phase === 'rung') this.#context.onring(this.#shown)
    } else this.#shown.show(row)
    this.#watch(row)
  }

  #made(row: CallRow): TabCall {
    return new TabCall(row, {
      tab: this.#tab,
      time: this.#context.time,
      media: this.#context.media,
      mayVideo: () => allowsCall(this.#context.features(), { video: true }),
      allow: (video) => this.#allow(video),
      prepare: (options) => this.#prepare(options),
      servers: async (options) => this.#allowed(await this.#named.list(), { ...options, direct: false }),
      direct: () => this.#context.run(async (rows) => isDirect(await readPeer(rows, row.account))),
      devices: () => this.devices.chosen.value,
      chosen: (devices) => this.devices.choose(devices),
      apply: (call, event) => this.#apply(call, event),
    })
  }

  #gone(call: TabCall, outcome: CallOutcome | undefined): void {
    this.#watched?.abort()
    call.end(outcome)
    this.#shown = undefined
    this.current.set(undefined)
  }

  async #apply(id: string, event: CallEvent): Promise<void> {
    const { run, time, own } = this.#context
    if (event.name === 'answer') await this.#live()
    const device = await own()
    const { row, effects } = await run((rows) =>
      applyEvent(rows, id, event, { own: device, now: time.now() }),
    )
    this.#tell(row, effects)
  }

  #tell(row: CallRow, effects: Parameters<TabCall['take']>[0]): void {
    const { announce } = this.#context
    announce(callAnnouncement(row.account, { row, effects }))
    announce({ kind: 'outbox' })
  }

  #allow(video: boolean): void {
    check(allowsCall(this.#context.features(), { video }), 'forbidden')
  }

  async #prepare(options: Required<CallOptions>): Promise<void> {
    await this.#allowed(await this.#named.ask(), options)
  }

  /** The servers, where this account may make such a call through them. */
  async #allowed(
    list: readonly MediaServer[],
    { video, direct }: Required<CallOptions>,
  ): Promise<readonly MediaServer[]> {
    const { run } = this.#context
    // Not earlier: at the very start it is only now that the site has said what it allows.
    this.#allow(video)
    if (list.length > 0) return list
    if (direct) await run(async (rows) => agreeDirect(rows))
    else if (!(await run(isDirectAgreed))) throw new SottoError('call-direct')
    return list
  }

  /** Holds this tab's own lock from now on. */
  async #live(): Promise<void> {
    const { locks, name, signal } = this.#context
    this.#alive ??= locks.acquire(`${name}/tab/${this.#tab}`, { signal }).then((lock) => {
      signal.addEventListener('abort', () => lock.release(), { once: true })
    })
    await this.#alive
  }

  /** A call whose tab has gone is over: whoever gets that tab's lock says so. */
  #watch({ id, tab }: CallRow): void {
    this.#watched?.abort()
    if (tab === undefined || tab === this.#tab) return
    const watching = new AbortController()
    this.#watched = watching
    const { locks, name } = this.#context
    void locks
      .acquire(`${name}/tab/${tab}`, { signal: watching.signal })
      .then(async (lock) => {
        lock.release()
        await this.#apply(id, { name: 'failed' })
      })
      .catch((error: unknown) => {
        if (!isRefused(error) && !SottoError.is(error)) throw error
      })
  }
}
