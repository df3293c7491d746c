import {
  SottoError,
  check,
  decodeBody,
  understand,
  type Channel,
  type Sender,
  type StampedEnvelope,
} from '@sotto/protocol'
import type { OwnDevice } from '../account/own-device.js'
import type { BackendClock } from '../backend-clock.js'
import { readPeer } from '../peers/peer.js'
import type { OtherDevice, Opened, Sessions } from '../sessions/sessions.js'
import type { NestedRows, RowWriter } from '../store/rows.js'
import { messageIdRows } from '../store/tables.js'
import type { ReadAhead, Ready } from './ahead.js'
import { isShown, messageIdKey, stage, type News } from './arrivals.js'
import { checkChannel, checkContent, checkQuestion, type CheckedContent } from './check-content.js'
import { askForNumbers, isWanting } from './asks.js'
import { findSender } from './find-sender.js'
import { arrive, arriveUpTo, highestCame, isMissing, placeBefore } from './gaps.js'
import { compareNumbers, putReceived, readReceived } from './numbers.js'
import { wasRead, type ReadEnvelopes } from './triples.js'
import { keptReasons, verdictOf, type Verdict } from './verdict.js'
import { learnClock, placeOf } from './clock.js'

/** A good delivery, and what follows from it after the commit. */
export interface Received {
  readonly verdict: Verdict
  readonly news?: News
  readonly checked?: CheckedContent
  readonly channel?: Channel
  readonly from?: OtherDevice
  readonly opened?: Opened
  readonly warning?: 'copied-device'
  /** Whether numbers of that device have not come. */
  readonly misses?: boolean
  /** The account whose lists have to be fetched before this delivery can be judged. */
  readonly fetch?: string
}

export interface ReceiveOptions {
  /** Too much of that device could not be read lately. */
  readonly crowded?: boolean
  /** How far the backend's clock is ahead of ours, in milliseconds. */
  readonly aheadMs?: number
  /** What was read of it ahead, on these very rows. */
  readonly ready?: ReadAhead | undefined
  /** What these rows are going to hold as read, and do not yet. */
  readonly read?: ReadEnvelopes
}

export interface ReceiverContext {
  readonly sessions: Sessions
  readonly own: () => OwnDevice
  readonly clock: Pick<BackendClock, 'earliest'>
}

const dropped = (code: 'malformed' | 'wrong-recipient'): Received => ({
  verdict: { name: 'dropped', code },
})
const kept = (reason: (typeof keptReasons)[keyof typeof keptReasons]): Received => ({
  verdict: { name: 'kept', reason },
})

/** Judges one delivery on staged rows: reads it, checks it, stages what it says. Nothing is shown or acknowledged here. */
export class Receiver {
  readonly #context: ReceiverContext

  constructor(context: ReceiverContext) {
    this.#context = context
  }

  /** `fetched`: the sender's lists were asked for already; what is not on them then is kept. Rejects where our own store or key fails. */
  async receive(
    rows: RowWriter,
    stamped: StampedEnvelope,
    fetched: boolean,
    now: number,
    options: ReceiveOptions = {},
  ): Promise<Received> {
    const { envelope, from } = stamped
    if (!this.#isForUs(stamped)) return dropped('wrong-recipient')
    if (from === undefined) return dropped('malformed')
    const received = await this.#receive(rows, stamped, from, fetched, now, options)
    const { name } = received.verdict
    if (name === 'good' || name === 'duplicate') return received
    // Asked only now: what can be read was not read before, and a backlog is nearly all of that.
    const again = options.read?.has(from, envelope.id) === true || (await wasRead(rows, from, envelope.id))
    return again ? { verdict: { name: 'duplicate' } } : received
  }

  async #receive(
    rows: RowWriter,
    stamped: StampedEnvelope,
    from: Sender,
    fetched: boolean,
    now: number,
    { crowded = false, aheadMs = 0, ready }: ReceiveOptions,
  ): Promise<Received> {
    const found = await findSender(rows, this.#context.own(), from)
    if ('verdict' in found) return !fetched && found.fetch !== undefined ? found : { verdict: found.verdict }
    if (crowded) return kept(keptReasons.crowded)
    return this.#open(rows, stamped, { ...found, now, aheadMs, ready })
  }

  /** Reads one before it is judged, on rows of its own. `undefined` for what is not decrypted at all, `ahead.ts` says the rest. */
  async open(rows: NestedRows, stamped: StampedEnvelope, now: number): Promise<Ready | undefined> {
    const { from } = stamped
    if (from === undefined || !this.#isForUs(stamped)) return undefined
    const found = await findSender(rows, this.#context.own(), from)
    return 'verdict' in found ? undefined : this.#read(rows, stamped, found.other, now)
  }

  #isForUs({ envelope: { to } }: StampedEnvelope): boolean {
    const { device, accountId } = this.#context.own().address
    return to.type === 'address' && to.address.device === device && to.address.accountId === accountId
  }

  async #read(
    rows: NestedRows,
    { envelope }: StampedEnvelope,
    other: OtherDevice,
    now: number,
  ): Promise<Ready> {
    understand(envelope.ext)
    const { body } = decodeBody(envelope.body)
    const opened = await this.#context.sessions.decrypt(rows, other, body, now)
    const own = this.#context.own()
    return { opened, checked: checkContent(opened.content, { own, from: other, session: opened.session }) }
  }

  async #open(
    rows: RowWriter,
    stamped: StampedEnvelope,
    {
      other,
      channel,
      now,
      aheadMs,
      ready,
    }: {
      readonly other: OtherDevice
      readonly channel: Channel
      readonly now: number
      readonly aheadMs: number
      readonly ready: ReadAhead | undefined
    },
  ): Promise<Received> {
    const staged = rows.nest()
    try {
      if (SottoError.is(ready)) throw ready
      const { opened, checked } = ready ?? (await this.#read(staged, stamped, other, now))
      const { at } = stamped
      const result = await this.#take(staged, { checked, channel, other, opened, at, aheadMs, now })
      if (result.verdict.name === 'good' || result.verdict.name === 'duplicate') staged.keep()
      return { ...result, channel, from: other, opened, checked }
    } catch (error) {
      return { verdict: verdictOf(error), channel, from: other }
    }
  }

  /** What was decrypted and checked: numbers, then what it says. */
  async #take(
    staged: NestedRows,
    what: {
      readonly checked: CheckedContent
      readonly channel: Channel
      readonly other: OtherDevice
      readonly opened: Opened
      readonly at: number
      readonly aheadMs: number
      readonly now: number
    },
  ): Promise<Received> {
    const { checked, channel, other, opened, at, aheadMs, now } = what
    const own = this.#context.own()
    const { content, conversation, peer } = checked
    const { header, type } = content
    checkChannel(type, channel)
    checkQuestion(content, opened.isFirst)
    const { accountId, device } = other.address
    if (channel === 'own') {
      // A copy of what another device of ours wrote to somebody: about whom we must agree with it.
      const { chain } = await readPeer(staged, peer.account)
      if (chain === undefined) return { ...kept(keptReasons.noList), fetch: peer.account }
      if (chain.accountId !== peer.accountId) return { ...kept(keptReasons.changed), fetch: peer.account }
    }
    const known = await messageIdRows.presume(staged, messageIdKey(conversation, accountId, header.messageId))
    const received = await readReceived(staged, conversation, accountId, device)
    const { number, after, since, given } = header
    if (opened.fillsOnly) {
      const fills = number !== undefined && received !== undefined && isMissing(received, number)
      check(fills, 'session-refused', { reason: 'an older session' })
    }
    const asked = { account: peer.account, accountId, device, conversation }
    const arrived =
      number === undefined || since === undefined
        ? undefined
        : arrive(received, device, { number, after, since })
    const place = placeOf(header.clock, number && placeBefore(received, number), at)
    let counted = received
    if (number !== undefined && arrived !== undefined && arrived !== 'again') {
      const newest = compareNumbers(highestCame(arrived), number) === 0
      const shows = isShown(content) && compareNumbers(arrived.shown ?? number, number) <= 0
      counted = {
        ...arrived,
        ...(newest ? { lastClock: place } : {}),
        ...(shows ? { shown: number } : {}),
      }
    }
    // An older session fills numbers, and says nothing else.
    if (!opened.fillsOnly && given !== undefined && since !== undefined)
      counted = arriveUpTo(counted, device, { since, given })
    const progress = counted === received ? undefined : counted
    if (progress !== undefined) {
      putReceived(staged, conversation, accountId, progress)
      if (channel !== 'stranger') await askForNumbers(staged, asked, received, progress, now)
    }
    const misses = progress !== undefined && isWanting(progress)
    // Its number has come all the same: a device that was rolled back sends what it does not know to be sent under a new one.
    if (known !== undefined) {
      await learnClock(staged, header.clock, now)
      return { verdict: { name: 'duplicate' }, misses }
    }
    const { account, accountId: peerId } = peer
    const news = await stage(staged, {
      content,
      conversation,
      account,
      accountId: peerId,
      channel,
      stampedAt: at,
      aheadMs,
      now,
      earliest: this.#context.clock.earliest,
      own,
      place,
    })
    // One number under two ids: somebody writes with a copy of that device. Both are shown, and it is said.
    if (arrived === 'again') return { verdict: { name: 'good' }, news, warning: 'copied-device' }
    return { verdict: { name: 'good' }, news, misses }
  }
}
