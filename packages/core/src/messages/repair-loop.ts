import { contentTypes, emptyExt, encodeBodyOf, limits, unreadBody, type UnreadBody } from '@sotto/protocol'
import type { Announce } from '../announcements.js'
import type { OwnDevice } from '../account/own-device.js'
import { otherDevice } from '../peers/devices-of.js'
import { readPeer, relationOf, sendable } from '../peers/peer.js'
import type { Time } from '../ports/index.js'
import type { RowReader, RowWriter, Run } from '../store/rows.js'
import { conversationRows } from '../store/tables.js'
import {
  askDueAt,
  dropAsk,
  isGivenUp,
  isWanting,
  listAsks,
  listUnread,
  postponeAsk,
  putAsked,
  putNamed,
  readAsk,
} from './asks.js'
import { FailureBudget } from './budget.js'
import { nextClock } from './clock.js'
import { readReceived } from './numbers.js'
import { enqueue } from './outbox.js'
import type { AskRow } from './repair-rows.js'

interface RepairContext {
  readonly run: Run
  readonly time: Time
  readonly own: () => OwnDevice
  readonly announce: Announce
}

const anybody = 'all'

/**
 * Asks devices for what of theirs could not be read or has not come, while a connection lasts: again and again, ever more seldom, and never
 * more than ten times a minute in all. Only accounts that were accepted, and our own devices. In the leading tab.
 */
export class RepairLoop {
  readonly #context: RepairContext
  readonly #budget: FailureBudget
  #wake: (() => void) | undefined

  constructor(context: RepairContext) {
    this.#context = context
    this.#budget = new FailureBudget(context.time, limits.asksPerMinute)
  }

  /** Something new may have to be asked for. */
  wake(): void {
    this.#wake?.()
  }

  /** Resolves when `signal` says so; rejects as the store does. */
  async work(signal: AbortSignal): Promise<void> {
    const { time } = this.#context
    while (!signal.aborted) {
      const woken = new Promise<void>((resolve) => (this.#wake = resolve))
      const at = await this.#askAll()
      const over = new AbortController()
      const both = AbortSignal.any([signal, over.signal])
      const stopped = new Promise<void>((resolve) => {
        if (signal.aborted) resolve()
        else signal.addEventListener('abort', () => resolve(), { once: true, signal: over.signal })
      })
      const waits = [woken, stopped]
      if (at !== Infinity) waits.push(time.sleep(Math.max(0, at - time.now()), both).catch(() => undefined))
      await Promise.race(waits)
      over.abort()
    }
  }

  /** Puts every question that is due, and says when the next one is. */
  async #askAll(): Promise<number> {
    const { run, time, announce } = this.#context
    const all = await run(listAsks)
    let nextAt = Infinity
    for (const ask of [...all].sort((a, b) => a.at - b.at)) {
      const now = time.now()
      const dueAt = askDueAt(ask, now)
      if (dueAt > now) {
        nextAt = Math.min(nextAt, dueAt)
        continue
      }
      if (this.#budget.isSpent(anybody)) return now + FailureBudget.windowMs
      const at = await run((rows) => this.#ask(rows, ask, now))
      if (at.asked) {
        this.#budget.fail(anybody)
        announce({ kind: 'outbox' })
        // What is missing at the end of a thread is shown when it was asked for.
        if (ask.conversation !== undefined && ask.tries === 0)
          announce({ kind: 'thread', account: ask.account })
      }
      nextAt = Math.min(nextAt, at.next)
    }
    return nextAt
  }

  async #ask(rows: RowWriter, { accountId, device, conversation }: AskRow, now: number) {
    const named = { accountId, device, ...(conversation === undefined ? {} : { conversation }) }
    const row = await readAsk(rows, named)
    const nothing = { asked: false, next: Infinity }
    if (row === undefined || askDueAt(row, now) > now) return nothing
    const body = await this.#bodyOf(rows, row)
    const may = await this.#mayAsk(rows, row)
    if (body === undefined || isGivenUp(row) || may === 'never') {
      dropAsk(rows, row)
      return nothing
    }
    const isOwn = accountId === this.#context.own().address.accountId
    const account = isOwn && conversation === undefined ? await somePeer(rows) : row.account
    if (may === 'later' || account === undefined) {
      const next = now + FailureBudget.windowMs
      postponeAsk(rows, row, next)
      return { asked: false, next }
    }
    if (conversation === undefined) putNamed(rows, await listUnread(rows, row), now)
    putAsked(rows, row, now)
    enqueue(rows, {
      account,
      type: contentTypes.unread.type,
      body: encodeBodyOf(unreadBody, body),
      clock: await nextClock(rows, now),
      only: { accountId, device },
      ...(isOwn ? { own: true } : {}),
      // What could not be read may mean that the session is broken: the question begins the next.
      ...(body.envelopes.length > 0 ? { fresh: true } : {}),
    })
    const next = await readAsk(rows, named)
    return { asked: true, next: next?.at ?? Infinity }
  }

  /** What is missing now. `undefined`: nothing any more. */
  async #bodyOf(
    rows: RowReader,
    { accountId, device, conversation }: AskRow,
  ): Promise<UnreadBody | undefined> {
    if (conversation === undefined) {
      const envelopes = (await listUnread(rows, { accountId, device })).map(({ row }) => row.envelope)
      return envelopes.length === 0 ? undefined : { envelopes, numbers: [], ext: emptyExt }
    }
    const received = await readReceived(rows, conversation, accountId, device)
    if (received === undefined || !isWanting(received)) return undefined
    const numbers = received.missing
      .filter((one) => !one.gone)
      .slice(-limits.unreadItems)
      .map(({ run, first, last }) => ({ run, first, last }))
    return { envelopes: [], numbers, conversation, ext: emptyExt }
  }

  /** Whether the device is one of ours or of an accepted account, on the list that we know. `later`: a list or the person has to say first. */
  async #mayAsk(rows: RowReader, { account, accountId, device }: AskRow): Promise<'yes' | 'later' | 'never'> {
    const { address, chain } = this.#context.own()
    if (accountId === address.accountId) return otherDevice(chain, device) === undefined ? 'never' : 'yes'
    const peer = await readPeer(rows, account)
    const isListed = peer.chain?.accountId === accountId && otherDevice(peer.chain, device) !== undefined
    if (relationOf(peer.row) !== 'accepted' || !isListed) return 'never'
    return sendable(peer) === 'yes' ? 'yes' : 'later'
  }
}

/** An account whose conversation can carry what we ask another device of our own: it is about no conversation. */
async function somePeer(rows: RowReader): Promise<string | undefined> {
  const all = await conversationRows.list(rows, { prefix: '', limit: 50 })
  for (const { row } of all) {
    const { chain, row: peer } = await readPeer(rows, row.account)
    if (chain !== undefined && relationOf(peer) !== 'blocked') return row.account
  }
  return undefined
}
