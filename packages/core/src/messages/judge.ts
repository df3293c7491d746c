import {
  SottoError,
  contentTypes,
  emptyExt,
  encodeBodyOf,
  limits,
  sessionBody,
  type StampedEnvelope,
} from '@sotto/protocol'
import type { OwnDevice } from '../account/own-device.js'
import type { Time } from '../ports/index.js'
import type { RowWriter } from '../store/rows.js'
import { keptRows } from '../store/tables.js'
import { openAhead, type ReadAhead } from './ahead.js'
import { askForEnvelopes, settleAsk } from './asks.js'
import { FailureBudget } from './budget.js'
import { nextClock } from './clock.js'
import { putKept } from './kept.js'
import { expectBatch, expectIds } from './expect.js'
import { enqueue, longestPutOffMs } from './outbox.js'
import type { Received, Receiver } from './receiver.js'
import { putRepair } from './repair-rows.js'
import { Stretch } from '../stretch.js'
import { ReadEnvelopes } from './triples.js'

/** Failed decryptions of one sending device a minute, before the rest is left to repair. */
const mostFailures = 60

interface JudgeContext {
  readonly receiver: Receiver
  readonly own: () => OwnDevice
  readonly time: Time
}

/** What was read by now of those that are committed together, and when that is. */
interface Judged {
  readonly read: ReadEnvelopes
  readonly now: number
}

/** Judges deliveries on staged rows, with all that follows from a verdict within the commit: triples, what is kept, questions, answers. */
export class Judge {
  /** How far the backend's clock is ahead of ours, in milliseconds. */
  aheadMs = 0
  readonly #context: JudgeContext
  readonly #failures: FailureBudget

  constructor(context: JudgeContext) {
    this.#context = context
    this.#failures = new FailureBudget(context.time, mostFailures)
  }

  /** `fetched`: those whose lists were asked for already. What needs a list first has nothing staged, and says so. */
  async batch(
    rows: RowWriter,
    batch: readonly StampedEnvelope[],
    fetched: ReadonlySet<StampedEnvelope>,
  ): Promise<readonly Received[]> {
    await expectBatch(rows, this.#context.own(), batch)
    return (await this.#ahead(rows, batch, fetched)) ?? this.#inOrder(rows, batch, fetched)
  }

  /** Judges again what was kept under `key`. */
  async kept(rows: RowWriter, key: string, stamped: StampedEnvelope): Promise<Received> {
    const now = this.#context.time.now()
    const read = new ReadEnvelopes()
    const received = await this.#receive(rows, stamped, { fetched: true, read, now })
    if (received.verdict.name === 'kept') return received
    keptRows.delete(rows, key)
    await this.#settle(rows, stamped, received, { read, now })
    await read.stage(rows, now)
    return received
  }

  /**
   * Judges what was decrypted ahead. `undefined`, nothing staged, where one of those is refused after all: its session must not have
   * stepped. What fails counts twice then, which delays and loses nothing.
   */
  async #ahead(
    rows: RowWriter,
    batch: readonly StampedEnvelope[],
    fetched: ReadonlySet<StampedEnvelope>,
  ): Promise<readonly Received[] | undefined> {
    if (batch.length === 1) return undefined
    const { receiver, time } = this.#context
    const staged = rows.nest()
    const stretch = new Stretch(time)
    const ready = await openAhead(staged, batch, async (own, stamped) => {
      await stretch.pause()
      return this.#isCrowded(stamped) ? undefined : receiver.open(own, stamped, time.now())
    })
    await expectIds(staged, ready.values())
    const judged = staged.nest()
    const all = await this.#inOrder(judged, batch, fetched, ready)
    const isRefused = (stamped: StampedEnvelope, i: number) =>
      hasStepped(ready.get(stamped)) && !isTaken(all[i])
    if (batch.some(isRefused)) return undefined
    judged.keep()
    staged.keep()
    return all
  }

  async #inOrder(
    rows: RowWriter,
    batch: readonly StampedEnvelope[],
    fetched: ReadonlySet<StampedEnvelope>,
    ready?: ReadonlyMap<StampedEnvelope, ReadAhead>,
  ): Promise<readonly Received[]> {
    const { time } = this.#context
    const all: Received[] = []
    const read = new ReadEnvelopes()
    const stretch = new Stretch(time)
    for (const stamped of batch) {
      await stretch.pause()
      const now = time.now()
      const at = { fetched: fetched.has(stamped), read, now, ready: ready?.get(stamped) }
      const received = await this.#receive(rows, stamped, at)
      const settled = at.fetched ? withoutFetch(received) : received
      if (settled.fetch === undefined) await this.#settle(rows, stamped, settled, { read, now })
      all.push(settled)
    }
    await read.stage(rows, time.now())
    return all
  }

  /** Counts what fails as it happens, so that a batch cannot spend more than there is. */
  async #receive(
    rows: RowWriter,
    stamped: StampedEnvelope,
    {
      fetched,
      read,
      now,
      ready,
    }: Judged & { readonly fetched: boolean; readonly ready?: ReadAhead | undefined },
  ): Promise<Received> {
    const received = await this.#context.receiver.receive(rows, stamped, fetched, now, {
      crowded: this.#isCrowded(stamped),
      aheadMs: this.aheadMs,
      ready,
      read,
    })
    if (costly(received) && stamped.from !== undefined) this.#failures.fail(stamped.from.device)
    return received
  }

  #isCrowded({ from }: StampedEnvelope): boolean {
    return from !== undefined && this.#failures.isSpent(from.device)
  }

  /** Stages what remains of a delivery, and what a good one asks of us. */
  async #settle(
    rows: RowWriter,
    { from, envelope, ...stamp }: StampedEnvelope,
    received: Received,
    { read, now }: Judged,
  ): Promise<void> {
    if (from === undefined) return
    const { verdict, channel } = received
    if (verdict.name === 'kept') {
      const youngest = now + Math.min(0, this.aheadMs)
      await putKept(
        rows,
        from.account,
        { stamped: { from, envelope, ...stamp }, reason: verdict.reason },
        youngest,
      )
    }
    if (verdict.name === 'good') await this.#answer(rows, received, now)
    const { answers } = received.opened ?? {}
    if (answers !== undefined && (verdict.name === 'good' || verdict.name === 'duplicate'))
      await settleAsk(rows, from, answers)
    // A duplicate by its triple was not opened, and its triple stands already.
    if (verdict.name === 'good' || (verdict.name === 'duplicate' && received.opened !== undefined))
      read.add(from, envelope.id)
    if (verdict.name !== 'unreadable' || channel === 'stranger') return
    await putRepair(rows, from, envelope.id, now)
    await askForEnvelopes(rows, from, now)
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
      notBefore: now + this.#context.time.random(longestPutOffMs),
    })
  }
}

/** Whether what was decrypted of it stays: its session has stepped. */
const isTaken = (received: Received | undefined): boolean =>
  received?.opened !== undefined &&
  (received.verdict.name === 'good' || received.verdict.name === 'duplicate')

/** Whether it was decrypted ahead, so that its session stepped. */
const hasStepped = (ahead: ReadAhead | undefined): boolean => ahead !== undefined && !SottoError.is(ahead)

/** Whether the cipher had to look at it before it was refused. What is refused by who it is from, or by its session, costs nothing. */
function costly({ verdict }: Received): boolean {
  if (verdict.name !== 'unreadable' && verdict.name !== 'dropped') return false
  return verdict.code === 'undecryptable' || verdict.code === 'too-far-ahead' || verdict.code === 'malformed'
}

const withoutFetch = ({ fetch: _fetch, ...received }: Received): Received => received
