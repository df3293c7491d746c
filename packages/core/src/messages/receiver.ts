import {
  SottoError,
  check,
  conversationIdOf,
  decodeBody,
  pairOf,
  understand,
  type Channel,
  type Sender,
  type StampedEnvelope,
} from '@sotto/protocol'
import type { OwnDevice } from '../account/own-device.js'
import { otherDevice } from '../peers/devices-of.js'
import { readPeer, relationOf } from '../peers/peer.js'
import type { OtherDevice, Opened, Sessions } from '../sessions/sessions.js'
import { readSessions } from '../sessions/session-rows.js'
import type { NestedRows, RowReader, RowWriter } from '../store/rows.js'
import { conversationRows, counterRows, messageIdRows } from '../store/tables.js'
import type { ReadAhead, Ready } from './ahead.js'
import { isShown, messageIdKey, stage, type News } from './arrivals.js'
import { checkChannel, checkContent, checkQuestion, type CheckedContent } from './check-content.js'
import { askForNumbers, isWanting } from './asks.js'
import { arrive, isMissing } from './gaps.js'
import { compareNumbers, placeBefore, putReceived, readReceived } from './numbers.js'
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
}

const dropped = (code: 'malformed' | 'wrong-recipient' | 'blocked' | 'unknown-device'): Received => ({
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

  /** Has read what is likely to be wanted of a batch, so that what comes next need not ask the store one by one. Decides nothing. */
  async expect(rows: RowReader, batch: readonly StampedEnvelope[]): Promise<void> {
    const senders = new Map<string, Sender>()
    const reads: Promise<unknown>[] = [counterRows.get(rows, 'counters')]
    for (const { from } of batch)
      if (from !== undefined) senders.set(`${from.account} ${from.accountId} ${from.device}`, from)
    for (const from of senders.values()) reads.push(this.#expectOf(rows, from))
    await Promise.all(reads)
  }

  async #expectOf(rows: RowReader, from: Sender): Promise<void> {
    const { address } = this.#context.own()
    const sender = { realm: address.realm, ...from }
    const reads: Promise<unknown>[] = [
      readSessions(rows, sender),
      readPeer(rows, from.account),
      conversationRows.get(rows, from.account),
    ]
    if (from.accountId !== address.accountId) {
      const conversation = conversationIdOf(address.realm, pairOf(address, sender))
      reads.push(readReceived(rows, conversation, from.accountId, from.device))
    }
    await Promise.all(reads)
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
    const found = await this.#find(rows, from)
    if ('verdict' in found) return !fetched && found.fetch !== undefined ? found : { verdict: found.verdict }
    if (crowded) return kept(keptReasons.crowded)
    return this.#open(rows, stamped, { ...found, now, aheadMs, ready })
  }

  /** Reads one before it is judged, on rows of its own. `undefined` for what is not decrypted at all, `ahead.ts` says the rest. */
  async open(rows: NestedRows, stamped: StampedEnvelope, now: number): Promise<Ready | undefined> {
    const { from } = stamped
    if (from === undefined || !this.#isForUs(stamped)) return undefined
    const found = await this.#find(rows, from)
    return 'verdict' in found ? undefined : this.#read(rows, stamped, found.other, now)
  }

  /** Reads which message ids of these are known, all at once, where they have to be read. */
  async expectIds(rows: RowReader, all: Iterable<ReadAhead>): Promise<void> {
    await Promise.all(
      [...all].map((one) => {
        if (SottoError.is(one)) return Promise.resolve()
        const { content, conversation } = one.checked
        const { from, messageId } = content.header
        return messageIdRows.presume(rows, messageIdKey(conversation, from.accountId, messageId))
      }),
    )
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

  /** Who it is from, on lists that were verified; or what becomes of it without that. */
  async #find(
    rows: RowWriter,
    from: Sender,
  ): Promise<Received | { readonly other: OtherDevice; readonly channel: Channel }> {
    const { chain: ownChain, address } = this.#context.own()
    if (from.account === address.account) {
      if (from.accountId !== address.accountId) return dropped('unknown-device')
      const other = otherDevice(ownChain, from.device)
      if (from.device === address.device) return dropped('unknown-device')
      if (other !== undefined) return { other, channel: 'own' }
      return {
        ...kept(ownChain.retired.has(from.device) ? keptReasons.removedDevice : keptReasons.noList),
        fetch: from.account,
      }
    }
    const peer = await readPeer(rows, from.account)
    const relation = relationOf(peer.row)
    if (relation === 'blocked') return dropped('blocked')
    const { chain } = peer
    if (chain === undefined) return { ...kept(keptReasons.noList), fetch: from.account }
    if (chain.accountId !== from.accountId) return { ...kept(keptReasons.changed), fetch: from.account }
    const other = otherDevice(chain, from.device)
    if (other !== undefined) return { other, channel: relation === 'accepted' ? 'peer' : 'stranger' }
    if (chain.retired.has(from.device)) return kept(keptReasons.removedDevice)
    return { ...kept(keptReasons.noList), fetch: from.account }
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
    const { number, after, since } = header
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
    if (number !== undefined && arrived !== undefined && arrived !== 'again') {
      const newest = compareNumbers(arrived.highest, number) === 0
      const shows = isShown(content) && compareNumbers(arrived.shown ?? number, number) <= 0
      putReceived(staged, conversation, accountId, {
        ...arrived,
        ...(newest ? { lastClock: place } : {}),
        ...(shows ? { shown: number } : {}),
      })
      if (channel !== 'stranger') await askForNumbers(staged, asked, received, arrived, now)
    }
    const misses = arrived !== undefined && arrived !== 'again' && isWanting(arrived)
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
      own,
      place,
    })
    // One number under two ids: somebody writes with a copy of that device. Both are shown, and it is said.
    if (arrived === 'again') return { verdict: { name: 'good' }, news, warning: 'copied-device' }
    return { verdict: { name: 'good' }, news, misses }
  }
}
