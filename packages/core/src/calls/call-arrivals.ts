import {
  SottoError,
  callEnds,
  check,
  decodeCall,
  limits,
  type CallSignal,
  type Clock,
  type ErrorCode,
} from '@sotto/protocol'
import type { OwnDevice } from '../account/own-device.js'
import type { RowWriter } from '../store/rows.js'
import { applyEvent, listCalls, readCall, sendBusy, stage, type CallChange } from './call-commits.js'
import { callsBetween, putLine } from './call-lines.js'
import type { CallOutcome, CallRow } from './call-row.js'
import { isRefused } from './call-state.js'
import { endPlacedElsewhere } from './placed-elsewhere.js'

/** A call signal that was decrypted and checked as a content. */
export interface CallArrival {
  readonly body: Uint8Array
  readonly messageId: string
  readonly account: string
  /** The device that wrote it; `own`: another one of ours. */
  readonly from: { readonly device: string; readonly own: boolean }
  readonly own: OwnDevice
  /** The relay's stamp and the relay's time, in milliseconds since 1970. */
  readonly stampedAt: number
  readonly relayNow: number
  readonly now: number
  /** Where a ring sorts in the thread. */
  readonly place: Clock
}

/** What is to be announced: a call that changed, its line alone, or why nothing did. */
export type CallNews =
  | { readonly name: 'call'; readonly account: string; readonly change: CallChange }
  | { readonly name: 'thread'; readonly account: string }
  | { readonly name: 'refused'; readonly code: ErrorCode }

/** Stages what a call signal says. What does not fit where the call stands changes nothing. Throws `malformed`. */
export async function takeSignal(rows: RowWriter, arrival: CallArrival): Promise<CallNews> {
  const { call: id, counter, signal } = decodeCall(arrival.body)
  check(signal.type !== 'ring' || id === arrival.messageId, 'malformed', { what: 'call' })
  const { account, from, own, now } = arrival
  try {
    if (signal.type === 'ring') return await ring(rows, arrival, id, counter, signal)
    const row = await readCall(rows, id)
    if (row === undefined && (await endPlacedElsewhere(rows, id, signal, arrival)))
      return { name: 'thread', account }
    if (row === undefined || row.account !== account) throw new SottoError('call-over')
    const change = await applyEvent(rows, id, { name: 'signal', from, counter, signal }, { own, now })
    return { name: 'call', account, change }
  } catch (error) {
    if (!isRefused(error) || !SottoError.is(error)) throw error
    return { name: 'refused', code: error.code }
  }
}

async function ring(
  rows: RowWriter,
  arrival: CallArrival,
  id: string,
  counter: number,
  { video }: CallSignal & { type: 'ring' },
): Promise<CallNews> {
  const { account, from, own, now, stampedAt, relayNow, place } = arrival
  const late = relayNow - stampedAt > limits.ringMs
  // It rings now, whatever the clock of who calls says: rings that were as old as they say would not count as many.
  const rungAt = now - Math.max(0, relayNow - stampedAt)
  const shown = late || from.own ? { place } : { place: notBefore(place, rungAt), live: true }
  const line = (outcome?: CallOutcome) =>
    putLine(rows, { id, account, mine: from.own, video, outcome, own, now, ...shown })
  if ((await readCall(rows, id)) !== undefined)
    throw new SottoError('call-refused', { reason: 'a ring that came before' })
  if (from.own) {
    await line('elsewhere')
    return { name: 'thread', account }
  }
  const crowded = (await callsBetween(rows, account, [now - 60_000, now])) >= limits.ringsPerMinute
  const [live] = await listCalls(rows)
  const glare = live?.account === account && live.phase === 'ringing'
  // Both called each other: the call with the smaller id is the one. Whoever placed the other one has said yes by it.
  if (glare && live.id < id) throw new SottoError('call-refused', { reason: 'a call of ours comes first' })
  if (late || crowded || (live !== undefined && !glare)) {
    await line(live === undefined || late ? 'missed' : 'busy')
    if (!late && !crowded) await sendBusy(rows, { id, account, device: from.device }, { own, now })
    return { name: 'thread', account }
  }
  const row: CallRow = {
    id,
    account,
    mine: false,
    phase: 'rung',
    caller: from.device,
    video,
    asks: 'nobody',
    startedAt: now,
    counter: 0,
    heard: [{ device: from.device, counter }],
    line: await line(),
  }
  if (!glare) {
    const rings = { name: 'send', signal: { type: 'alerting' }, to: { device: from.device } } as const
    return { name: 'call', account, change: { row: await stage(rows, row, [rings], arrival), effects: [] } }
  }
  const gone = { ...live, phase: 'over', outcome: 'cancelled' } as const
  await stage(rows, gone, [takenBy(from.device), cancelled], arrival)
  await stage(rows, row, [], arrival)
  // Where one of them meant to be heard alone, nobody is seen.
  const { tab = '', video: placed } = live
  const answer = { name: 'answer', tab, camera: placed, video: placed } as const
  return { name: 'call', account, change: await applyEvent(rows, id, answer, arrival) }
}

const notBefore = (place: Clock, ms: number): Clock => (place.ms < ms ? { ms, logical: 0 } : place)

/** The person at the other end is in a call with us: none of their devices has missed this one. */
const takenBy = (device: string) => ({ name: 'send', signal: { type: 'taken', device }, to: 'all' }) as const

const cancelled = {
  name: 'send',
  signal: { type: 'end', reason: callEnds.cancelled, durationMs: 0 },
  to: 'all',
} as const
