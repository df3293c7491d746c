import {
  callBody,
  check,
  contentTypes,
  emptyExt,
  encodeBodyOf,
  limits,
  randomBytes,
  toHex,
  type CallSignal,
} from '@sotto/protocol'
import type { OwnDevice } from '../account/own-device.js'
import { nextClock } from '../messages/clock.js'
import { enqueue } from '../messages/outbox.js'
import { readPeer, relationOf, sendable } from '../peers/peer.js'
import type { RowReader, RowWriter } from '../store/rows.js'
import { putLine } from './call-lines.js'
import { callRows, type CallRow } from './call-row.js'
import { step, type CallEffect, type CallEvent } from './call-state.js'

export interface CallCommit {
  readonly own: OwnDevice
  /** Milliseconds since 1970. */
  readonly now: number
}

/** What a commit did to a call, and what its tab has to do now. */
export interface CallChange {
  readonly row: CallRow
  readonly effects: readonly CallEffect[]
}

const keyOf = (id: string): string => `all/${id}`

export const readCall = (rows: RowReader, id: string): Promise<CallRow | undefined> =>
  callRows.get(rows, keyOf(id))

/** Calls that are not over: one, or none. */
export async function listCalls(rows: RowReader): Promise<readonly CallRow[]> {
  return (await callRows.list(rows, { prefix: 'all', limit: 16 })).map(({ row }) => row)
}

/** Stages a call of ours, and that all devices of the other account ring. Throws `call-refused`, `blocked`. */
export async function placeCall(
  rows: RowWriter,
  call: { readonly id: string; readonly account: string; readonly video: boolean; readonly tab: string },
  { own, now }: CallCommit,
): Promise<CallRow> {
  const { id, account, video, tab } = call
  const peer = await readPeer(rows, account)
  const relation = relationOf(peer.row)
  check(relation !== 'blocked', 'blocked')
  check(relation === 'accepted' && sendable(peer) === 'yes', 'call-refused', { reason: 'not a contact' })
  check((await listCalls(rows)).length === 0, 'call-refused', { reason: 'in another call' })
  const line = await putLine(rows, { id, account, mine: true, video, own, now })
  const row: CallRow = {
    id,
    account,
    mine: true,
    phase: 'ringing',
    caller: own.address.device,
    video,
    asks: 'nobody',
    tab,
    startedAt: now,
    counter: 0,
    heard: [],
    line,
  }
  return stage(rows, row, [{ name: 'send', signal: { type: 'ring', video }, to: 'all' }], { own, now })
}

/** Stages what an event does to a call. Throws `call-over`, `call-refused`: then nothing is staged. */
export async function applyEvent(
  rows: RowWriter,
  id: string,
  event: CallEvent,
  commit: CallCommit,
): Promise<CallChange> {
  const row = await readCall(rows, id)
  check(row !== undefined, 'call-over')
  const { device } = commit.own.address
  const { row: next, effects } = step(row, event, { device, now: commit.now })
  const staged = await stage(rows, next, effects, commit)
  return { row: staged, effects: effects.filter((one) => one.name !== 'send') }
}

/** Stages a call as it stands now, and its signals. */
export async function stage(
  rows: RowWriter,
  row: CallRow,
  effects: readonly CallEffect[],
  commit: CallCommit,
): Promise<CallRow> {
  let counter = row.counter
  for (const effect of effects) {
    if (effect.name !== 'send') continue
    counter++
    await send(rows, row, counter, effect, commit)
  }
  const next = { ...row, counter }
  if (row.phase === 'over') callRows.delete(rows, keyOf(row.id))
  else callRows.put(rows, keyOf(row.id), next)
  const { id, account, mine, video, line, outcome, connectedAt } = row
  const durationMs =
    outcome === undefined || connectedAt === undefined ? 0 : Math.max(0, commit.now - connectedAt)
  await putLine(rows, { id, account, mine, video, line, outcome, durationMs, ...commit })
  return next
}

async function send(
  rows: RowWriter,
  { id, account }: { readonly id: string; readonly account: string },
  counter: number,
  { signal, to }: CallEffect & { name: 'send' },
  { now }: CallCommit,
): Promise<void> {
  const body = encodeBodyOf(callBody, { call: id, counter, signal, ext: emptyExt })
  let only: { readonly accountId: string; readonly device: string } | undefined
  if (to !== 'all') {
    const { chain } = await readPeer(rows, account)
    check(chain !== undefined, 'call-refused', { reason: 'not a contact' })
    only = { accountId: chain.accountId, device: to.device }
  }
  const lastsMs = lasting[signal.type]
  enqueue(rows, {
    account,
    // The ring's message id is the call's: whoever gets it twice knows it.
    messageId: signal.type === 'ring' ? id : toHex(randomBytes(16)),
    type: contentTypes.call.type,
    body,
    clock: await nextClock(rows, now),
    ...(only === undefined ? {} : { only }),
    ...(lastsMs === undefined ? {} : { notAfter: now + lastsMs }),
  })
}

/** How long a signal is worth sending. What ends a call is always said. */
const lasting: Partial<Record<CallSignal['type'], number>> = {
  ring: limits.noAnswerMs,
  accept: limits.callConnectMs,
  media: limits.callConnectMs,
  busy: limits.noAnswerMs,
  alerting: limits.noAnswerMs,
  calling: limits.callSilenceMs,
  consent: limits.callConnectMs,
  status: limits.callConnectMs,
}

/** Stages that this device is in another call. */
export const sendBusy = (
  rows: RowWriter,
  to: { readonly id: string; readonly account: string; readonly device: string },
  commit: CallCommit,
): Promise<void> =>
  send(rows, to, 1, { name: 'send', signal: { type: 'busy' }, to: { device: to.device } }, commit)
