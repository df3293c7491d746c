import {
  SottoError,
  contentTypes,
  conversationIdOf,
  decodeBodyOf,
  pairOf,
  receiptBody,
  type Chain,
  type ErrorCode,
} from '@sotto/protocol'
import type { Announce } from '../announcements.js'
import type { BackendClock } from '../backend-clock.js'
import type { OwnDevice } from '../account/own-device.js'
import { devicesOf } from '../peers/devices-of.js'
import type { PeerDirectory } from '../peers/directory.js'
import { readPeer, relationOf, sendable } from '../peers/peer.js'
import type { Connection, Directory, Sent, Time } from '../ports/index.js'
import type { OtherDevice, Sessions } from '../sessions/sessions.js'
import type { RowWriter, Run } from '../store/rows.js'
import { messageRows, outboxRows, type OutboxRow } from '../store/tables.js'
import { claimBundles, newerThan } from './bundles.js'
import { batchOf, compose } from './compose.js'
import type { OutboxEntry } from './outbox.js'
import { unsayReceipt } from './receipts.js'
import { putSent } from './sent.js'

export interface SenderContext {
  readonly run: Run
  readonly time: Time
  readonly clock: BackendClock
  readonly directory: Directory
  readonly peers: PeerDirectory
  readonly sessions: Sessions
  readonly own: () => OwnDevice
  /** Reads our own account's lists again: somebody says there are newer ones. */
  readonly refreshOwn: () => Promise<void>
  readonly announce: Announce
  readonly warn: (error: SottoError) => void
  /** It is committed that something was encrypted, and that this is how far that counts. */
  readonly counted: (sends: number) => void
}

/** What came of trying to send an entry: it is done with, or it waits, for as long as said. */
export type Tried = { readonly name: 'done' } | { readonly name: 'wait'; readonly ms?: number }

const done: Tried = { name: 'done' }
const wait = (ms?: number): Tried => (ms === undefined ? { name: 'wait' } : { name: 'wait', ms })
const maxRounds = 4

/** Sends one entry: encrypts it once, commits that, and sends the same bytes until the backend has decided. In the leading tab only. */
export class Sender {
  readonly #context: SenderContext

  constructor(context: SenderContext) {
    this.#context = context
  }

  /** Throws what says nothing about the entry (`offline`, `lost-lead`, a store that fails): it stays as it is. */
  async send(entry: OutboxEntry, connection: Connection): Promise<Tried> {
    let encrypted = entry.row
    const targets = encrypted.envelopes === undefined ? undefined : await this.#targets(encrypted)
    // What was encrypted before the name was given to somebody else waits for the person, too.
    if (encrypted.envelopes !== undefined && targets === undefined) {
      return (await this.#waits(entry.key, encrypted)) === 'gone' ? done : wait()
    }
    // Lists that came since say who gets it: devices that stay keep their bytes.
    const isOver = targets !== undefined && !isWritten(encrypted, [targets.peer, this.#context.own().chain])
    for (let round = 0; round < maxRounds; round++) {
      if (encrypted.envelopes === undefined || round > 0 || isOver) {
        const composed = await this.#encrypt({ key: entry.key, row: encrypted })
        if (composed === 'gone') return done
        if (composed === 'waiting') return wait()
        encrypted = composed
      }
      if (encrypted.envelopes?.length === 0) {
        // Nobody to write to but ourselves, and we have no other device.
        await this.#finish(entry.key, encrypted)
        return done
      }
      const sent = await connection.send(batchOf(encrypted, this.#context.own().address.realm))
      if (sent.outcome === 'sent') {
        await this.#finish(entry.key, encrypted)
        return done
      }
      const next = await this.#refused(entry.key, encrypted, sent)
      if (next.name !== 'again') return next
      encrypted = next.row
    }
    return wait()
  }

  /** Whom an entry goes to. `undefined` says why not in the message's row. */
  async #targets(
    row: OutboxRow,
  ): Promise<{ readonly peer: Chain; readonly to: readonly OtherDevice[] } | undefined> {
    const { peers, own } = this.#context
    let peer = await peers.know(row.account)
    const self = own()
    const ours = devicesOf(self.chain, self.address.device)
    if (row.own) return peer.chain && { peer: peer.chain, to: onlyTo(row, ours) }
    // The directory may stand by the pinned account again: a false answer stops nobody for longer than it is given.
    if (sendable(peer) === 'decision') peer = await peers.refresh(row.account)
    if (peer.chain === undefined || relationOf(peer.row) === 'blocked') return undefined
    if (sendable(peer) !== 'yes') return undefined
    return { peer: peer.chain, to: onlyTo(row, [...devicesOf(peer.chain), ...ours]) }
  }

  async #encrypt({ key, row }: OutboxEntry): Promise<OutboxRow | 'waiting' | 'gone'> {
    const { run, time, clock, peers } = this.#context
    let targets = await this.#targets(row)
    if (targets === undefined) return this.#waits(key, row)
    let bundles = await claimBundles(targets.to, this.#context, row.fresh)
    const newest = newerThan(targets.peer, bundles)
    if (newest !== undefined) {
      await peers.follow(row.account, newest)
      targets = await this.#targets(row)
      if (targets === undefined) return this.#waits(key, row)
      const known = new Set(targets.to.map((one) => one.address.device))
      const more = await claimBundles(
        targets.to.filter((one) => !bundles.has(one.address.device)),
        this.#context,
        row.fresh,
      )
      bundles = new Map([...bundles, ...more].filter(([device]) => known.has(device)))
    }
    const { peer, to } = targets
    const composed = await run(async (rows) => {
      const current = await outboxRows.get(rows, key)
      if (current === undefined) return 'gone'
      // What was fetched a moment ago may have been overtaken: then nothing is encrypted against it.
      const now = await readPeer(rows, row.account)
      const isOpen = sendable(now) === 'yes' && relationOf(now.row) !== 'blocked'
      if (now.chain?.hash !== peer.hash || (!row.own && !isOpen)) return 'waiting'
      const own = this.#context.own()
      const staged = rows.nest()
      const next = await compose(staged, { ...current, ...row }, to, {
        ...this.#context,
        own,
        peer,
        bundles,
        now: time.now(),
        backendNow: clock.now,
      })
      const reached = next.envelopes?.some((one) => one.accountId === peer.accountId) ?? false
      // Nothing of it may stay: a number that nobody gets is a gap that nobody can fill.
      if (!reached && row.only === undefined && !row.own) return 'unreached'
      staged.keep()
      outboxRows.put(rows, key, next)
      await this.#markMessage(rows, next, (message) => {
        const { code: _code, ...rest } = message
        return next.number === undefined ? rest : { ...rest, number: next.number }
      })
      return next
    })
    if (composed === 'unreached') return this.#waits(key, row)
    if (typeof composed !== 'string') this.#context.counted(composed.sends ?? 0)
    return composed
  }

  /** The entry stays; the thread says that it waits for a device of the other side, or for the person's decision. */
  async #waits(key: string, row: OutboxRow): Promise<'waiting' | 'gone'> {
    const kept = await this.#context.run(async (rows) => {
      if ((await outboxRows.get(rows, key)) === undefined) return 'gone'
      // Receipts and answers are not worth waiting for: newer ones follow.
      if (row.messageKey === undefined && row.type !== contentTypes.accountNews.type) {
        outboxRows.delete(rows, key)
        if (row.type === contentTypes.receipt.type) await this.#unsay(rows, row)
      }
      await this.#markMessage(rows, row, (message) => ({ ...message, code: 'no-prekey' }))
      return 'waiting'
    })
    this.#context.announce({ kind: 'thread', account: row.account })
    return kept
  }

  async #unsay(rows: RowWriter, { account, body }: OutboxRow): Promise<void> {
    const conversation = await this.#conversationOf(rows, account)
    if (conversation === undefined) return
    const { id, accountId } = conversation
    await unsayReceipt(rows, id, accountId, decodeBodyOf(receiptBody, body))
  }

  async #conversationOf(rows: RowWriter, account: string) {
    const { chain } = await readPeer(rows, account)
    const { address } = this.#context.own()
    if (chain === undefined) return undefined
    return { id: conversationIdOf(address.realm, pairOf(address, chain)), accountId: chain.accountId }
  }

  async #finish(key: string, row: OutboxRow): Promise<void> {
    await this.#context.run(async (rows) => {
      if ((await outboxRows.get(rows, key)) === undefined) return
      outboxRows.delete(rows, key)
      const conversation = await this.#conversationOf(rows, row.account)
      if (conversation !== undefined) await putSent(rows, conversation.id, row, this.#context.clock)
      await this.#markMessage(rows, row, ({ code: _code, ...message }) => ({ ...message, progress: 1 }))
    })
    if (row.messageKey !== undefined) this.#context.announce({ kind: 'thread', account: row.account })
  }

  async #refused(
    key: string,
    row: OutboxRow,
    refusal: Sent & { outcome: 'refused' },
  ): Promise<Tried | { readonly name: 'again'; readonly row: OutboxRow }> {
    const { peers, own, refreshOwn } = this.#context
    if (refusal.code === 'rate-limited' || refusal.code === 'quota-exceeded')
      return wait(refusal.retryAfterMs)
    if (refusal.code === 'lists-outdated') {
      const before = `${(await peers.know(row.account)).chain?.hash ?? ''} ${own().chain.hash}`
      for (const claim of refusal.lists) {
        if (claim.accountId === own().address.accountId) await refreshOwn()
        else await peers.refresh(row.account)
      }
      const after = `${(await peers.know(row.account)).chain?.hash ?? ''} ${own().chain.hash}`
      // A refusal without a newer list that verifies moves nothing: try later.
      return before === after ? wait() : { name: 'again', row }
    }
    if (refusal.devices.length > 0) {
      const named = new Set(refusal.devices.map((one) => `${one.accountId}.${one.device}`))
      const envelopes = (row.envelopes ?? []).filter((one) => !named.has(`${one.accountId}.${one.device}`))
      const reaches =
        envelopes.some((one) => one.account === row.account) || row.own || row.only !== undefined
      if (envelopes.length === row.envelopes?.length) return wait(refusal.retryAfterMs)
      // None of theirs can take it just now: that is said, and who waits may be asked to try again or to delete it.
      if (!reaches) return (await this.#waits(key, row)) === 'gone' ? done : wait(refusal.retryAfterMs)
      return this.#without(key, { ...row, envelopes })
    }
    if (retried.has(refusal.code)) return wait(refusal.retryAfterMs)
    await this.#fail(key, row, refusal.code)
    return done
  }

  /** Sends what is left to the devices that can take it. */
  async #without(key: string, row: OutboxRow): Promise<Tried> {
    const isGone = await this.#context.run(async (rows) => {
      if ((await outboxRows.get(rows, key)) === undefined) return true
      outboxRows.put(rows, key, row)
      return false
    })
    return isGone ? done : wait(0)
  }

  /** The backend will not take it: the person is told and may try again. */
  async #fail(key: string, row: OutboxRow, code: string): Promise<void> {
    await this.#context.run(async (rows) => {
      // Deleted meanwhile: there is nothing to say of it.
      if ((await outboxRows.get(rows, key)) === undefined) return
      // Of what no person wrote, nobody would try it again.
      if (row.messageKey === undefined) outboxRows.delete(rows, key)
      else outboxRows.put(rows, key, { ...row, failed: 1 })
      await this.#markMessage(rows, row, (message) => ({ ...message, progress: 2, code }))
    })
    this.#context.warn(new SottoError('batch-refused', { reason: code }))
    this.#context.announce({ kind: 'thread', account: row.account })
  }

  async #markMessage(
    rows: RowWriter,
    row: OutboxRow,
    change: (
      message: NonNullable<Awaited<ReturnType<typeof messageRows.get>>>,
    ) => Parameters<typeof messageRows.put>[2],
  ): Promise<void> {
    if (row.messageKey === undefined) return
    const message = await messageRows.get(rows, row.messageKey)
    if (message !== undefined) messageRows.put(rows, row.messageKey, change(message))
  }
}

const onlyTo = ({ only }: OutboxRow, all: readonly OtherDevice[]): readonly OtherDevice[] =>
  only === undefined
    ? all
    : all.filter(({ address }) => address.accountId === only.accountId && address.device === only.device)

/** Whether an entry was encrypted against these very lists. */
function isWritten({ lists = [] }: OutboxRow, chains: readonly Chain[]): boolean {
  return chains.every((chain) =>
    lists.some(
      ({ accountId, era, sequence, hash }) =>
        accountId === chain.accountId &&
        era === chain.list.era &&
        sequence === chain.list.sequence &&
        hash === chain.hash,
    ),
  )
}

/** Refusals that may pass by themselves. */
const retried: ReadonlySet<string> = new Set<ErrorCode>([
  'mailbox-full',
  'unknown-device',
  'backend-failed',
  'conflict',
])
