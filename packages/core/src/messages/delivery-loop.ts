import { SottoError, type StampedEnvelope } from '@sotto/protocol'
import { callAnnouncement, type Announce } from '../announcements.js'
import type { OwnDevice } from '../account/own-device.js'
import type { PeerDirectory } from '../peers/directory.js'
import type { Connection, Delivery, Time } from '../ports/index.js'
import type { Run } from '../store/rows.js'
import { isShown } from './arrivals.js'
import { FailureBudget } from './budget.js'
import { Judge } from './judge.js'
import { listKept } from './kept.js'
import type { Received, Receiver } from './receiver.js'
import { keptReasons } from './verdict.js'

/** How many deliveries are committed together. */
const mostAtOnce = 250

export interface DeliveryContext {
  readonly run: Run
  readonly time: Time
  readonly receiver: Receiver
  readonly peers: PeerDirectory
  readonly own: () => OwnDevice
  readonly refreshOwn: () => Promise<void>
  readonly announce: Announce
  readonly warn: (error: SottoError) => void
  /** Something came that a receipt should speak of. */
  readonly receiptDue: (account: string) => void
  /** Something could not be read, or has not come. */
  readonly missed: () => void
  /** Ends what waits. */
  readonly signal: AbortSignal
  /** Counted, never shown: what was dropped and why. */
  readonly count: (code: string) => void
}

/** Takes deliveries as they come: check, commit, announce, acknowledge. What has arrived meanwhile is committed together. */
export class DeliveryLoop {
  readonly #context: DeliveryContext
  readonly #judge: Judge
  readonly #fetches: FailureBudget
  readonly #later = new Set<string>()

  constructor(context: DeliveryContext) {
    this.#context = context
    this.#judge = new Judge(context)
    this.#fetches = new FailureBudget(context.time, 6)
  }

  /** Resolves when the connection ends; rejects with why, or with what keeps us from storing. Nothing is acknowledged that was not committed. */
  async work(connection: Connection): Promise<void> {
    this.#judge.aheadMs = connection.aheadMs ?? 0
    const waiting: Delivery[] = []
    let over: { readonly error?: unknown } | undefined
    let wake: (() => void) | undefined
    const reading = (async () => {
      for await (const delivery of connection) {
        waiting.push(delivery)
        wake?.()
      }
    })().then(
      () => (over = {}),
      (error: unknown) => (over = { error }),
    )
    void reading.then(() => wake?.())
    while (over === undefined || waiting.length > 0) {
      if (waiting.length === 0) {
        await new Promise<void>((resolve) => (wake = resolve))
        continue
      }
      const batch = waiting.splice(0, mostAtOnce)
      await this.take(batch.map((one) => one.stamped))
      for (const one of batch) one.ack()
    }
    if (over.error !== undefined) throw over.error as Error
  }

  /** Judges, commits and announces. Resolves when all of it is stored: then it may be acknowledged. */
  async take(batch: readonly StampedEnvelope[]): Promise<void> {
    const first = await this.#commit(batch, new Set())
    const unsettled = batch.filter((_, i) => first[i]?.fetch !== undefined)
    if (unsettled.length === 0) return
    for (const account of new Set(first.flatMap((one) => (one.fetch === undefined ? [] : [one.fetch]))))
      await this.#fetch(account)
    await this.#commit(unsettled, new Set(unsettled))
  }

  /** Those that need a list first are left out, and said. */
  async #commit(
    batch: readonly StampedEnvelope[],
    fetched: ReadonlySet<StampedEnvelope>,
  ): Promise<readonly Received[]> {
    const results = await this.#context.run((rows) => this.#judge.batch(rows, batch, fetched))
    results.forEach((received, i) => {
      const stamped = batch[i]
      if (received.fetch === undefined && stamped !== undefined) this.#announce(stamped, received)
    })
    this.#announceAll(results.filter(({ fetch }) => fetch === undefined))
    return results
  }

  #announce(stamped: StampedEnvelope, received: Received): void {
    const { announce, count, missed, warn } = this.#context
    const { verdict, news } = received
    if (verdict.name === 'dropped' || verdict.name === 'unreadable') {
      count(verdict.code)
    }
    if (verdict.name === 'unreadable' || received.misses === true) missed()
    if (verdict.name === 'kept' && verdict.reason === keptReasons.crowded) this.#retryLater(stamped)
    if (verdict.name === 'kept' && stamped.from !== undefined)
      announce({ kind: 'peer', account: stamped.from.account })
    if (received.warning !== undefined) warn(new SottoError(received.warning))
    if (news?.name === 'refused') count(news.code)
    if (news?.name === 'call') announce(callAnnouncement(news.account, news.change))
  }

  /** What follows once from all that was committed together, however many say the same. */
  #announceAll(received: readonly Received[]): void {
    const { announce, own, receiptDue, refreshOwn, peers } = this.#context
    const messages = received.flatMap(({ news }) =>
      news?.name === 'message' ? [{ account: news.account, key: news.key, row: news.row }] : [],
    )
    if (messages.length > 0) announce({ kind: 'messages', messages })
    const shown = new Set(messages.map(({ account }) => account))
    for (const { news } of received) {
      if (news?.name !== 'thread' || shown.has(news.account)) continue
      shown.add(news.account)
      announce({ kind: 'thread', account: news.account })
    }
    const good = received.filter(({ verdict }) => verdict.name === 'good')
    if (good.length === 0) return
    // Whoever hears it looks at everything that waits.
    announce({ kind: 'outbox' })
    for (const account of new Set(good.flatMap(wantsReceipt))) receiptDue(account)
    const followed = new Set<string>()
    for (const { checked, from } of good) {
      if (checked === undefined || from === undefined) continue
      for (const claim of checked.content.header.lists) {
        const isOwn = claim.accountId === own().address.accountId
        if (!isOwn && claim.accountId !== from.address.accountId) continue
        const { account } = checked.peer
        const said = `${account} ${claim.accountId} ${claim.era} ${claim.sequence} ${claim.hash}`
        if (followed.has(said)) continue
        followed.add(said)
        // A bare reference is a claim: it makes us fetch, and never stops what we receive.
        const following = isOwn ? isNewer(claim, own().chain) && refreshOwn() : peers.follow(account, claim)
        if (following !== false) void following.catch(() => undefined)
      }
    }
  }

  /** What came while too much failed from its device is tried when that is over: a flood delays, and suppresses nothing. */
  #retryLater({ from }: StampedEnvelope): void {
    if (from === undefined || this.#later.has(from.account)) return
    this.#later.add(from.account)
    void this.#context.time
      .sleep(FailureBudget.windowMs + 1, this.#context.signal)
      .then(() => {
        this.#later.delete(from.account)
        return this.retryKept(from.account)
      })
      .catch(() => this.#later.delete(from.account))
  }

  async #fetch(account: string): Promise<void> {
    // Names come from the relay: it cannot make us ask it without end.
    if (this.#fetches.isSpent(account)) return
    this.#fetches.fail(account)
    const { peers, own, refreshOwn } = this.#context
    try {
      await (account === own().address.account ? refreshOwn() : peers.refresh(account))
    } catch (error) {
      if (!SottoError.is(error)) throw error
      // What cannot be fetched, or does not verify, leaves the envelope kept.
      this.#context.count(error.code)
    }
  }

  /** Tries what was kept of an account again: after a new list, the person's yes, an update. */
  async retryKept(account: string): Promise<void> {
    const { run } = this.#context
    for (const { key, row } of await run((rows) => listKept(rows, account))) {
      const received = await run((rows) => this.#judge.kept(rows, key, row.stamped))
      if (received.verdict.name === 'kept') continue
      this.#announce(row.stamped, received)
      this.#announceAll([received])
    }
  }
}

/** Whom a receipt of it should go to. */
function wantsReceipt({ checked, channel }: Received): readonly string[] {
  if (checked === undefined || channel !== 'peer') return []
  const { content, peer } = checked
  return content.header.number !== undefined && isShown(content) ? [peer.account] : []
}

function isNewer(
  claim: { readonly era: number; readonly sequence: number },
  chain: OwnDevice['chain'],
): boolean {
  return claim.era === chain.list.era && claim.sequence > chain.list.sequence
}
