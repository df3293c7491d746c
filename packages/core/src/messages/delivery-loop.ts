import {
  SottoError,
  contentTypes,
  emptyExt,
  encodeBodyOf,
  limits,
  sessionBody,
  type StampedEnvelope,
} from '@sotto/protocol'
import { callAnnouncement, type Announce } from '../announcements.js'
import type { OwnDevice } from '../account/own-device.js'
import type { PeerDirectory } from '../peers/directory.js'
import type { Connection, Delivery, Time } from '../ports/index.js'
import type { Run, RowWriter } from '../store/rows.js'
import { keptRows, type Triple } from '../store/tables.js'
import { isShown } from './arrivals.js'
import { askForEnvelopes, settleAsk } from './asks.js'
import { FailureBudget } from './budget.js'
import { nextClock } from './clock.js'
import { enqueue } from './outbox.js'
import type { Received, Receiver } from './receiver.js'
import { keptReasons } from './verdict.js'
import { listKept, putKept, putRepair, putTriple, putTripleAges } from './triples.js'

/** How many deliveries are committed together. */
const mostAtOnce = 50
/** Failed decryptions of one sending device a minute, before the rest is left to repair. */
const mostFailures = 60

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
  readonly #failures: FailureBudget
  readonly #fetches: FailureBudget
  readonly #later = new Set<string>()
  #aheadMs = 0

  constructor(context: DeliveryContext) {
    this.#context = context
    this.#failures = new FailureBudget(context.time, mostFailures)
    this.#fetches = new FailureBudget(context.time, 6)
  }

  /** Resolves when the connection ends; rejects with why, or with what keeps us from storing. Nothing is acknowledged that was not committed. */
  async work(connection: Connection): Promise<void> {
    this.#aheadMs = connection.aheadMs ?? 0
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
    const { run, receiver, time } = this.#context
    const results = await run(async (rows) => {
      // Asked for together, they are one transaction of the store; one by one they are most of the time a backlog takes.
      await Promise.all(batch.map((stamped) => receiver.expect(rows, stamped)))
      const all: Received[] = []
      const triples: Triple[] = []
      for (const stamped of batch) {
        const now = time.now()
        const crowded = stamped.from !== undefined && this.#failures.isSpent(stamped.from.device)
        const received = await receiver.receive(rows, stamped, fetched.has(stamped), now, {
          crowded,
          aheadMs: this.#aheadMs,
        })
        // Counted as it happens, so that a batch cannot spend more than there is.
        if (costly(received) && stamped.from !== undefined) this.#failures.fail(stamped.from.device)
        const settled = fetched.has(stamped) ? withoutFetch(received) : received
        if (settled.fetch === undefined) triples.push(...(await this.#settle(rows, stamped, settled, now)))
        all.push(settled)
      }
      putTripleAges(rows, triples, time.now())
      return all
    })
    results.forEach((received, i) => {
      const stamped = batch[i]
      if (received.fetch === undefined && stamped !== undefined) this.#announce(stamped, received)
    })
    this.#announceAll(results.filter(isGood))
    return results
  }

  /** Stages what remains of a delivery, and what a good one asks of us. Resolves with its triple, where one was staged. */
  async #settle(
    rows: RowWriter,
    stamped: StampedEnvelope,
    received: Received,
    now: number,
  ): Promise<readonly Triple[]> {
    const { from, envelope } = stamped
    if (from === undefined) return []
    const { verdict, channel } = received
    if (verdict.name === 'kept') {
      const youngest = now + Math.min(0, this.#aheadMs)
      await putKept(rows, from.account, { stamped, reason: verdict.reason }, youngest)
    }
    if (verdict.name === 'good') await this.#answer(rows, received, now)
    const { answers } = received.opened ?? {}
    if (answers !== undefined && (verdict.name === 'good' || verdict.name === 'duplicate'))
      await settleAsk(rows, from, answers)
    // A duplicate by its triple was not opened, and its triple stands already.
    const read = verdict.name === 'good' || (verdict.name === 'duplicate' && received.opened !== undefined)
    if (read) return [putTriple(rows, from, envelope.id, true, now)]
    if (verdict.name !== 'unreadable' || channel === 'stranger') return []
    await putRepair(rows, from, envelope.id, now)
    await askForEnvelopes(rows, from, now)
    return [putTriple(rows, from, envelope.id, false, now)]
  }

  /** A session that only receives never heals: it is answered, once at first, then after every 50. Never a stranger's. */
  async #answer(rows: RowWriter, { opened, from, checked, channel }: Received, now: number): Promise<void> {
    if (opened === undefined || from === undefined || checked === undefined || channel === 'stranger') return
    const session = opened.state.sessions.find((one) => one.name === opened.session)
    if (session === undefined) return
    const first = !session.sent && session.unanswered === 1
    if (!first && session.unanswered % limits.sessionAnswerAfter !== 0) return
    const { accountId, device } = from.address
    enqueue(rows, {
      account: checked.peer.account,
      type: contentTypes.session.type,
      body: encodeBodyOf(sessionBody, { ext: emptyExt }),
      clock: await nextClock(rows, now),
      only: { accountId, device },
      notBefore: now + this.#context.time.random(60_000),
    })
  }

  #announce(stamped: StampedEnvelope, received: Received): void {
    const { announce, count, receiptDue, missed, warn } = this.#context
    const { verdict, news, checked, channel, from } = received
    if (verdict.name === 'dropped' || verdict.name === 'unreadable') {
      count(verdict.code)
    }
    if (verdict.name === 'unreadable' || received.misses === true) missed()
    if (verdict.name === 'kept' && verdict.reason === keptReasons.crowded) this.#retryLater(stamped)
    if (verdict.name === 'kept' && stamped.from !== undefined)
      announce({ kind: 'peer', account: stamped.from.account })
    if (received.warning !== undefined) warn(new SottoError(received.warning))
    if (news?.name === 'message') announce({ kind: 'message', account: news.account, key: news.key })
    if (news?.name === 'thread') announce({ kind: 'thread', account: news.account })
    if (news?.name === 'refused') count(news.code)
    if (news?.name === 'call') announce(callAnnouncement(news.account, news.change))
    if (verdict.name !== 'good' || checked === undefined || from === undefined) return
    const { header } = checked.content
    if (channel === 'peer' && header.number !== undefined && isShown(checked.content))
      receiptDue(checked.peer.account)
  }

  /** What follows once from all that was committed together, however many say the same. */
  #announceAll(good: readonly Received[]): void {
    if (good.length === 0) return
    const { announce, own, refreshOwn, peers } = this.#context
    // Whoever hears it looks at everything that waits.
    announce({ kind: 'outbox' })
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
    const { run, receiver, time } = this.#context
    for (const { key, row } of await run((rows) => listKept(rows, account))) {
      const received = await run(async (rows) => {
        const now = time.now()
        const { from } = row.stamped
        const crowded = from !== undefined && this.#failures.isSpent(from.device)
        const result = await receiver.receive(rows, row.stamped, true, now, {
          crowded,
          aheadMs: this.#aheadMs,
        })
        if (costly(result) && from !== undefined) this.#failures.fail(from.device)
        if (result.verdict.name === 'kept') return result
        keptRows.delete(rows, key)
        putTripleAges(rows, await this.#settle(rows, row.stamped, result, now), now)
        return result
      })
      if (received.verdict.name !== 'kept') this.#announce(row.stamped, received)
      if (isGood(received)) this.#announceAll([received])
    }
  }
}

/** Whether the cipher had to look at it before it was refused. What is refused by who it is from, or by its session, costs nothing. */
function costly({ verdict }: Received): boolean {
  if (verdict.name !== 'unreadable' && verdict.name !== 'dropped') return false
  return verdict.code === 'undecryptable' || verdict.code === 'too-far-ahead' || verdict.code === 'malformed'
}

const isGood = ({ verdict, fetch }: Received): boolean => verdict.name === 'good' && fetch === undefined

const withoutFetch = ({ fetch: _fetch, ...received }: Received): Received => received

function isNewer(
  claim: { readonly era: number; readonly sequence: number },
  chain: OwnDevice['chain'],
): boolean {
  return claim.era === chain.list.era && claim.sequence > chain.list.sequence
}
