import {
  contentTypes,
  emptyExt,
  encodeBodyOf,
  goneBody,
  limits,
  type MessageNumber,
  type NumberRange,
  type UnreadBody,
} from '@sotto/protocol'
import type { RowReader, RowWriter } from '../store/rows.js'
import { givenRows, messageRows, sinceRows } from '../store/tables.js'
import { nextClock } from './clock.js'
import { compareNumbers } from './numbers.js'
import { enqueue, listOutbox } from './outbox.js'
import { resendRows, type SentRow } from './repair-rows.js'
import { changeSent, findSent, listSent } from './sent.js'
import { spansWithout } from './spans.js'

const hourMs = 3_600_000
/** Messages that are looked at for one question, so that none costs more. */
const mostLooked = 2_000

/** A device that asks for what it could not read or did not get. It was authenticated, and is on its account's list. */
export interface Asking {
  /** The account whose conversation the question came in, and that conversation. */
  readonly account: string
  readonly conversation: string
  readonly from: { readonly accountId: string; readonly device: string }
  readonly channel: 'own' | 'peer'
  readonly body: UnreadBody
  readonly now: number
  /** By which clock what was sent is too old: milliseconds since 1970, see docs/decisions/0015. */
  readonly earliest: number
}

/**
 * Stages the answer to a question: what may be sent again, as it was, to the device that asks, and which numbers will never come. What was
 * never sent to that device, or before it was on a list, is no answer's matter.
 */
export async function answerUnread(rows: RowWriter, asking: Asking): Promise<void> {
  const { body, conversation, channel, from } = asking
  const answer = new Answer(rows, asking)
  for (const envelope of body.envelopes) {
    const found = await findSent(rows, from, envelope)
    if (found === undefined) continue
    // An account hears of its own conversations alone.
    if (channel !== 'own' && found.conversation !== conversation) continue
    if (!(await answer.isWaiting(found.sent))) await answer.take(found.conversation, found.sent)
  }
  if (body.conversation === conversation)
    for (const range of body.numbers) await answerRange(rows, asking, answer, range)
  await answer.sayGone()
}

async function answerRange(
  rows: RowWriter,
  { account, conversation, from }: Asking,
  answer: Answer,
  asked: NumberRange,
): Promise<void> {
  const range = await expected(rows, conversation, from, asked)
  if (range === undefined || answer.isFull) return
  const waiting = (await answer.waiting(account)).filter((one) => one.run === range.run).map(({ n }) => n)
  for (const span of spansWithout(range, waiting)) {
    for (let { first } = span; first <= span.last;) {
      const most = answer.left + 1
      const found = await listSent(rows, conversation, { ...span, first }, most)
      for (const sent of found) {
        if (!(await answer.take(conversation, sent))) return
      }
      const known = found.map(({ number }) => number.n)
      // What comes after a full page was not looked at: it is not gone for that.
      const last = found.length < most ? span.last : (known.at(-1) ?? span.last)
      for (const one of spansWithout({ ...span, first, last }, known)) answer.gone(conversation, account, one)
      first = last + 1
    }
  }
}

/** The part of a stretch that the device may expect, and that was given. */
async function expected(
  rows: RowReader,
  conversation: string,
  { accountId, device }: Asking['from'],
  { run, first, last }: NumberRange,
): Promise<NumberRange | undefined> {
  const since = (await sinceRows.get(rows, `${conversation}.${accountId}.${device}`))?.since
  if (since === undefined || run < since.run) return undefined
  const from = run === since.run ? Math.max(first, since.n) : first
  const given = await givenRows.get(rows, conversation)
  const newest = given?.last
  if (newest === undefined || compareNumbers({ run, n: from }, newest) > 0) return undefined
  const ends = [newest, given?.before].find((one) => one?.run === run)
  const to = ends === undefined || (run < newest.run && last > ends.n) ? last : Math.min(last, ends.n)
  return from > to ? undefined : { run, first: from, last: to }
}

/** What one question is answered with, within what it may cost. */
class Answer {
  readonly #rows: RowWriter
  readonly #asking: Asking
  readonly #gone = new Map<string, { readonly account: string; readonly spans: NumberRange[] }>()
  #left: number | undefined
  #looked = 0
  #outbox: ReturnType<typeof listOutbox> | undefined

  constructor(rows: RowWriter, asking: Asking) {
    this.#rows = rows
    this.#asking = asking
  }

  /** How many more messages may be sent again to that account in this hour. */
  get left(): number {
    return this.#left ?? limits.resendsPerHour
  }

  get isFull(): boolean {
    return this.left === 0 || this.#looked >= mostLooked
  }

  /** Numbers of what waits here for that device: it comes by itself. What was sent a moment ago is asked for again. */
  async waiting(account: string): Promise<readonly MessageNumber[]> {
    const { accountId, device } = this.#asking.from
    // A glance, because each message that is sent meanwhile would have the whole answer done again.
    this.#outbox ??= listOutbox(this.#rows, 10_000, { glance: true })
    return (await this.#outbox).flatMap(({ row: { account: to, number, only } }) => {
      const isTheirs = only === undefined || (only.accountId === accountId && only.device === device)
      return to === account && number !== undefined && isTheirs ? [number] : []
    })
  }

  async isWaiting({ messageKey, number }: SentRow): Promise<boolean> {
    const all = await this.waiting(accountOf(messageKey))
    return all.some((one) => compareNumbers(one, number) === 0)
  }

  /** Sends a message again, or says that it is gone. `false`: not now, ask again later. */
  async take(conversation: string, sent: SentRow): Promise<boolean> {
    if (this.isFull) return false
    this.#looked++
    const { from, now, earliest } = this.#asking
    const message = await messageRows.get(this.#rows, sent.messageKey)
    const account = accountOf(sent.messageKey)
    const { number, again } = sent
    const tries = again.filter((one) => one.device === from.device && one.accountId === from.accountId)
    const isOld = earliest - sent.at >= limits.resendMs
    if (message?.progress !== taken || isOld || tries.length >= limits.resends) {
      this.gone(conversation, account, { run: number.run, first: number.n, last: number.n })
      return true
    }
    if (!(await this.#spend())) return false
    const { accountId, device } = from
    changeSent(this.#rows, conversation, { ...sent, again: [...again, { accountId, device }] })
    enqueue(this.#rows, {
      account,
      messageId: message.messageId,
      type: message.type,
      body: message.body,
      clock: message.clock,
      frankingKey: message.frankingKey,
      shownIfUnknown: message.shownIfUnknown,
      number,
      ...(sent.after === undefined ? {} : { after: sent.after }),
      only: { accountId, device },
      ...(this.#asking.channel === 'own' ? { own: true } : {}),
      queuedAt: await nextClock(this.#rows, now),
    })
    return true
  }

  gone(conversation: string, account: string, span: NumberRange): void {
    const { spans } = this.#gone.get(conversation) ?? { spans: [] }
    const last = spans.at(-1)
    if (last?.run === span.run && last.last + 1 === span.first)
      this.#gone.set(conversation, { account, spans: [...spans.slice(0, -1), { ...last, last: span.last }] })
    else if (spans.length < limits.unreadItems)
      this.#gone.set(conversation, { account, spans: [...spans, span] })
  }

  async sayGone(): Promise<void> {
    const { from, channel, now } = this.#asking
    for (const [conversation, { account, spans }] of this.#gone)
      enqueue(this.#rows, {
        account,
        type: contentTypes.gone.type,
        body: encodeBodyOf(goneBody, { envelopes: [], numbers: spans, conversation, ext: emptyExt }),
        clock: await nextClock(this.#rows, now),
        only: { accountId: from.accountId, device: from.device },
        ...(channel === 'own' ? { own: true } : {}),
      })
  }

  async #spend(): Promise<boolean> {
    const { from, now } = this.#asking
    const row = await resendRows.get(this.#rows, from.accountId)
    // A clock that was turned back begins a new hour.
    const current =
      row === undefined || now - row.from > hourMs || now < row.from ? { from: now, count: 0 } : row
    this.#left = limits.resendsPerHour - current.count
    if (this.#left <= 0) return false
    this.#left--
    resendRows.put(this.#rows, from.accountId, { ...current, count: current.count + 1 })
    return true
  }
}

const accountOf = (messageKey: string): string => messageKey.slice(0, messageKey.indexOf('/'))

/** The progress of what the backend has. What was removed here or never sent does not come again. */
const taken = 1
