import { SottoError, limits } from '@sotto/protocol'
import type { Announce } from './announcements.js'
import { BackendClock } from './backend-clock.js'
import { PreKeyCare } from './account/prekey-care.js'
import { PreKeyLoop } from './account/prekey-loop.js'
import { readDevice, type OwnDevice } from './account/own-device.js'
import { ensureDevice, syncOwnLists, type SetUpContext } from './account/set-up.js'
import { checkWhole } from './account/whole-store.js'
import type { ConnectionWork, Known } from './connection.js'
import type { Lease } from './lease.js'
import { DeliveryLoop } from './messages/delivery-loop.js'
import { OutboxLoop } from './messages/outbox-loop.js'
import { readSendCount } from './messages/send-count.js'
import { Receiver } from './messages/receiver.js'
import { ReceiptTimer } from './messages/receipt-timer.js'
import { RepairLoop } from './messages/repair-loop.js'
import { Sender } from './messages/sender.js'
import { TripleSweep } from './messages/triple-sweep.js'
import { PeerDirectory } from './peers/directory.js'
import type { Connection, Directory, KeyPolicy, SessionCipher, Time } from './ports/index.js'
import { KeyedMutex } from './sessions/keyed-mutex.js'
import { spendEverything } from './sessions/roll-back.js'
import { run as runOn } from './sessions/run.js'
import { Sessions } from './sessions/sessions.js'
import type { UnitStore } from './sessions/unit-of-work.js'
import type { Run } from './store/rows.js'
import { conversationRows } from './store/tables.js'

export interface LeadContext {
  readonly realm: string
  readonly account: string
  readonly store: UnitStore
  readonly directory: Directory
  readonly cipher: SessionCipher
  readonly time: Time
  readonly policy: () => Promise<KeyPolicy>
  readonly tellRead: boolean
  readonly announce: Announce
  readonly warn: (error: SottoError) => void
  readonly count: (code: string) => void
  /** This device became known, or its lists changed. */
  readonly setOwn: (own: OwnDevice) => void
}

/** What only the leading tab does, under one lease: keys, lists, receiving, sending, receipts. */
export class LeadWork implements ConnectionWork {
  readonly #context: LeadContext
  readonly #lease: Lease
  readonly #run: Run
  readonly #clock: BackendClock
  readonly #peers: PeerDirectory
  readonly #outbox: OutboxLoop
  readonly #deliveries: DeliveryLoop
  readonly #receipts: ReceiptTimer
  readonly #repair: RepairLoop
  readonly #preKeys: PreKeyLoop
  #own: OwnDevice | undefined
  #sends = 0
  #refreshing: Promise<void> | undefined
  #clocksDiffer = false

  constructor(context: LeadContext, lease: Lease) {
    this.#context = context
    this.#lease = lease
    const { store, directory, cipher, time, realm, announce, warn, count, tellRead } = context
    const run: Run = (work) => runOn(store, work, { lease })
    this.#run = run
    const clock = new BackendClock(run, time)
    this.#clock = clock
    // What receiving and sending do would change the same rows and be done again: a batch of fifty is costly to decrypt twice.
    const turns = new KeyedMutex()
    const inTurn: Run = (work) => turns.run('', () => run(work))
    const own = () => this.own
    const refreshOwn = () => this.#refreshOwn()
    const sessions = new Sessions(cipher, own)
    const onchange = (account: string) => {
      announce({ kind: 'peer', account })
      void this.retry(account)
    }
    this.#peers = new PeerDirectory({ directory, run, realm, time, onchange })
    const peers = this.#peers
    const counted = (sends: number) => (this.#sends = Math.max(this.#sends, sends))
    const sender = new Sender({
      run: inTurn,
      time,
      clock,
      directory,
      peers,
      sessions,
      own,
      refreshOwn,
      announce,
      warn,
      counted,
    })
    this.#outbox = new OutboxLoop(sender, run, time)
    this.#receipts = new ReceiptTimer({ run: inTurn, time, own, announce, tellRead })
    const receiver = new Receiver({ sessions, own, clock })
    this.#repair = new RepairLoop({ run, time, own, announce })
    const now = () => clock.now ?? time.now()
    const care = new PreKeyCare({ directory, cipher, run, own, now })
    this.#preKeys = new PreKeyLoop({ time, tend: () => care.tend(), warn: (error) => this.#warn(error) })
    const missed = () => this.#repair.wake()
    const receiptDue = (account: string) => this.#receipts.due(account, lease.signal)
    this.#deliveries = new DeliveryLoop({
      run: inTurn,
      time,
      receiver,
      peers,
      own,
      refreshOwn,
      announce,
      warn,
      count,
      receiptDue,
      missed,
      signal: lease.signal,
    })
  }

  get own(): OwnDevice {
    if (this.#own === undefined) throw new SottoError('not-set-up-here')
    return this.#own
  }

  get peers(): PeerDirectory {
    return this.#peers
  }

  /** How far this device has counted what it encrypted: part of the login. */
  get sends(): number {
    return this.#sends
  }

  /** Something new waits in the outbox; `again`: and what paused may be tried, too. */
  wakeOutbox(again: boolean): void {
    this.#outbox.wake(again)
  }

  receiptDue(account: string): void {
    this.#receipts.due(account, this.#lease.signal)
  }

  /** Something about the account was settled: what was kept of it and what waits for it is tried again. */
  async retry(account: string): Promise<void> {
    this.#outbox.wake(true)
    await this.#deliveries.retryKept(account).catch((error: unknown) => {
      if (SottoError.is(error)) this.#context.count(error.code)
      else throw error
    })
  }

  /** This device, from the store; without asking anybody. Rejects with `store-damaged` where a part of the store is missing. */
  async load(): Promise<void> {
    const own = await this.#run(readDevice)
    if (own === undefined) return
    this.#sends = await this.#run(readSendCount)
    const whole = () => this.#run((rows) => checkWhole(rows, own.address.device))
    // Another tab may have taken something away between two reads: what is missing then is not the second time.
    if (own.published) await whole().catch(whole)
    this.#setOwn(own)
  }

  /** What is done at leisure for as long as this tab leads, with or without a connection. */
  async tidy(): Promise<void> {
    const { signal } = this.#lease
    const sweep = new TripleSweep({ run: this.#run, time: this.#context.time })
    await sweep.work(signal).catch((error: unknown) => {
      if (!signal.aborted) this.#warn(error)
    })
  }

  async prepare(lease: Lease): Promise<void> {
    const context = this.#setUp(lease)
    if (this.#own === undefined) this.#setOwn(await ensureDevice(context))
    try {
      this.#setOwn(await syncOwnLists(this.own, context))
    } catch (error) {
      if (SottoError.is(error, 'not-set-up-here')) this.#own = undefined
      throw error
    }
  }

  async work(connection: Connection, signal: AbortSignal): Promise<void> {
    await this.#clock.hear(connection)
    this.#compareClocks(connection)
    connection.onwake = (what) => {
      if (what === 1) this.#refreshOwn().catch((error: unknown) => this.#warn(error))
      else this.#preKeys.wake()
    }
    const over = new AbortController()
    const both = AbortSignal.any([signal, over.signal])
    await this.#receipts.dueAll(this.#lease.signal)
    const working = [
      this.#deliveries.work(connection).finally(() => over.abort()),
      this.#outbox.work(connection, both).finally(() => {
        over.abort()
        connection.close()
      }),
      this.#repair.work(both).finally(() => over.abort()),
      this.#preKeys.work(both),
      this.#retryAllKept(),
    ]
    signal.addEventListener('abort', () => connection.close(), { once: true, signal: over.signal })
    const ended = await Promise.allSettled(working)
    for (const one of ended) if (one.status === 'rejected') throw one.reason
  }

  async rolledBack(lease: Lease, known: Known): Promise<void> {
    await lease.raiseAbove(known.epoch, (rows, epoch) => spendEverything(rows, { epoch, sends: known.sends }))
    this.#sends = Math.max(this.#sends, known.sends)
  }

  async #retryAllKept(): Promise<void> {
    const all = await this.#run((rows) => conversationRows.list(rows, { prefix: '', limit: 10_000 }))
    for (const { row } of all) await this.#deliveries.retryKept(row.account)
  }

  #refreshOwn(): Promise<void> {
    this.#refreshing ??= syncOwnLists(this.own, this.#setUp(this.#lease))
      .then((own) => this.#setOwn(own))
      .finally(() => (this.#refreshing = undefined))
    return this.#refreshing
  }

  #setOwn(own: OwnDevice): void {
    this.#own = own
    this.#context.setOwn(own)
  }

  #setUp(lease: Lease): SetUpContext {
    const { realm, account, directory, cipher, time, policy } = this.#context
    return { realm, account, directory, cipher, time, policy, run: this.#run, epoch: lease.epoch }
  }

  /** Warns when the clocks come to differ by more than what a message may be ahead: not again with each connection. */
  #compareClocks({ aheadMs = 0 }: Connection): void {
    const differ = Math.abs(aheadMs) > limits.clockAheadMs
    if (differ && !this.#clocksDiffer) this.#warn(new SottoError('wrong-clock', { aheadMs }))
    this.#clocksDiffer = differ
  }

  #warn(error: unknown): void {
    if (SottoError.is(error)) this.#context.warn(error)
  }
}
