import {
  SottoError,
  callConsents,
  callEnds,
  check,
  limits,
  type CallMedia,
  type CallSignal,
} from '@sotto/protocol'
import type { CallOutcome, CallPhase, CallRow } from './call-row.js'

/** What happens to a call: what the person does, what the media or the clock say, what another device signals. */
export type CallEvent =
  /** `camera`: whether ours is on from the start. `video`: whether a video call stays one. */
  | { readonly name: 'answer'; readonly tab: string; readonly camera: boolean; readonly video: boolean }
  | { readonly name: 'offer'; readonly media: CallMedia }
  | { readonly name: 'media'; readonly media: CallMedia }
  | { readonly name: 'decline' }
  | { readonly name: 'hang-up' }
  | { readonly name: 'consent'; readonly step: number }
  | {
      readonly name: 'status'
      readonly microphone: boolean
      readonly camera: boolean
      readonly screen: boolean
    }
  /** Nobody has answered, and we have not given up. */
  | { readonly name: 'calling' }
  | { readonly name: 'connected' }
  | { readonly name: 'lost' }
  /** The media cannot be had, or the tab that had them is gone. */
  | { readonly name: 'failed' }
  /** The other end is gone: its connection said so. */
  | { readonly name: 'left' }
  | { readonly name: 'time-out' }
  | {
      readonly name: 'signal'
      readonly from: Signaller
      readonly counter: number
      readonly signal: CallSignal
    }

/** Who signals: a device of the other account, or another one of ours. */
export interface Signaller {
  readonly device: string
  readonly own: boolean
}

/** What follows from an event, in order, after it is committed. */
export type CallEffect =
  | { readonly name: 'send'; readonly signal: CallSignal; readonly to: 'all' | { readonly device: string } }
  | { readonly name: 'open'; readonly offers: boolean; readonly video: boolean }
  | { readonly name: 'take'; readonly media: CallMedia }
  | {
      readonly name: 'status'
      readonly microphone: boolean
      readonly camera: boolean
      readonly screen: boolean
    }
  | { readonly name: 'close' }

export interface CallStep {
  readonly row: CallRow
  readonly effects: readonly CallEffect[]
}

export interface CallPlace {
  /** This device. */
  readonly device: string
  /** Milliseconds since 1970. */
  readonly now: number
}

type Take<E extends CallEvent['name']> = (
  row: CallRow,
  event: CallEvent & { readonly name: E },
  place: CallPlace,
) => CallStep
type Transitions = { readonly [P in CallPhase]: { readonly [E in CallEvent['name']]?: Take<E> } }

/** The call after an event. Throws `call-refused`, or `call-over`, for what is not allowed where it stands: that is the rule, not the exception. */
export function step(row: CallRow, event: CallEvent, place: CallPlace): CallStep {
  check(row.phase !== 'over', 'call-over')
  const take = transitions[row.phase][event.name] as Take<CallEvent['name']> | undefined
  check(take !== undefined, 'call-refused', { reason: `${event.name} while ${row.phase}` })
  return take(row, event, place)
}

const stay = (row: CallRow, ...effects: readonly CallEffect[]): CallStep => ({ row, effects })
const toAll = (signal: CallSignal): CallEffect => ({ name: 'send', signal, to: 'all' })
const toDevice = (device: string, signal: CallSignal): CallEffect => ({
  name: 'send',
  signal,
  to: { device },
})
const close: CallEffect = { name: 'close' }

function toOther(row: CallRow, signal: CallSignal): CallEffect {
  check(row.other !== undefined, 'call-refused', { reason: 'nobody is at the other end' })
  return toDevice(row.other, signal)
}

function over(row: CallRow, outcome: CallOutcome, ...effects: readonly CallEffect[]): CallStep {
  return { row: { ...row, phase: 'over', outcome }, effects: [...effects, close] }
}

const lastedMs = ({ connectedAt }: CallRow, now: number) =>
  connectedAt === undefined ? 0 : Math.max(0, now - connectedAt)

const ended = (row: CallRow, reason: number, now: number): CallEffect =>
  toAll({ type: 'end', reason, durationMs: lastedMs(row, now) })

/** We hang up, or what we have of it is of no use any more. */
const finish =
  (reason: number) =>
  (row: CallRow, _event: unknown, { now }: CallPlace): CallStep =>
    over(row, row.connectedAt === undefined ? 'failed' : 'answered', ended(row, reason, now))

const hangUp: Take<'hang-up'> = (row, _event, { now }) =>
  over(row, row.connectedAt === undefined ? 'cancelled' : 'answered', ended(row, callEnds.hungUp, now))

const fail = finish(callEnds.failed)

const connected: Take<'connected'> = (row, _event, { now }) =>
  stay({ ...row, phase: 'connected', connectedAt: row.connectedAt ?? now })

const sendMedia: Take<'media'> = (row, { media }) => stay(row, toOther(row, { type: 'media', media }))

const sendStatus: Take<'status'> = (row, { microphone, camera, screen }) =>
  stay(row, toOther(row, { type: 'status', microphone, camera, screen }))

/** Voice becomes video when one side asked and the other agreed. */
const consent: Take<'consent'> = (row, { step: taken }) => {
  const asking = taken === callConsents.ask
  check(asking ? row.asks === 'nobody' && !row.video : row.asks === 'they', 'call-refused', {
    reason: 'nobody asked for video',
  })
  const next = asking ? ({ ...row, asks: 'we' } as const) : agreed(row, taken)
  return stay(next, toOther(row, { type: 'consent', step: taken }))
}

const agreed = (row: CallRow, taken: number): CallRow => ({
  ...row,
  asks: 'nobody',
  video: row.video || taken === callConsents.agree,
})

type Hear = (row: CallRow, signal: never, from: Signaller, place: CallPlace) => CallStep
type Heard = { readonly [S in CallSignal['type']]?: Hear }

/** A signal that one phase takes, once it is known that it is new. */
const hear =
  (heard: Heard): Take<'signal'> =>
  (row, { from, counter, signal }, place) => {
    const before = row.heard.find((one) => one.device === from.device)?.counter ?? 0
    check(counter > before, 'call-refused', { reason: 'a signal that came before' })
    const take = heard[signal.type]
    check(take !== undefined, 'call-refused', { reason: `${signal.type} while ${row.phase}` })
    const rest = row.heard.filter((one) => one.device !== from.device)
    check(rest.length < 2 * limits.devices, 'call-refused', { reason: 'too many devices' })
    return take({ ...row, heard: [...rest, { device: from.device, counter }] }, signal as never, from, place)
  }

const fromPeer = (from: Signaller) =>
  check(!from.own, 'call-refused', { reason: 'a signal of our own device' })
const fromCaller = (row: CallRow, from: Signaller) =>
  check(!from.own && from.device === row.caller, 'call-refused', { reason: 'not the calling device' })
const fromOther = (row: CallRow, from: Signaller) =>
  check(!from.own && from.device === row.other, 'call-refused', { reason: 'a third device' })

/** The first accept wins; the rest hear that it is taken. */
function accepted(row: CallRow, signal: CallSignal & { type: 'accept' }, from: Signaller): CallStep {
  fromPeer(from)
  const { media } = signal
  check(media.type === 'offer', 'call-refused', { reason: 'an accept without an offer' })
  // Who may not be seen there sees nobody either, and no camera turns on for them.
  const video = row.video && signal.video
  return stay(
    { ...row, phase: 'accepted', other: from.device, video },
    toAll({ type: 'taken', device: from.device }),
    { name: 'open', offers: false, video },
    { name: 'take', media },
  )
}

const between: Heard = {
  media(row: CallRow, { media }: CallSignal & { type: 'media' }, from: Signaller) {
    fromOther(row, from)
    return stay(row, { name: 'take', media })
  },
  status(row: CallRow, { microphone, camera, screen }: CallSignal & { type: 'status' }, from: Signaller) {
    fromOther(row, from)
    return stay(row, { name: 'status', microphone, camera, screen })
  },
  consent(row: CallRow, signal: CallSignal & { type: 'consent' }, from: Signaller) {
    fromOther(row, from)
    const asking = signal.step === callConsents.ask
    // Who asks at the same time as we do agrees with us.
    if (asking && row.asks === 'we') return stay(agreed(row, callConsents.agree))
    check(asking ? !row.video : row.asks === 'we', 'call-refused', { reason: 'nobody asked for video' })
    return stay(asking ? { ...row, asks: 'they' } : agreed(row, signal.step))
  },
  end(row: CallRow, { reason }: CallSignal & { type: 'end' }, from: Signaller) {
    fromOther(row, from)
    if (reason === callEnds.declined && row.connectedAt === undefined) return over(row, 'declined')
    const failed = reason === callEnds.failed
    if (row.connectedAt === undefined) return over(row, failed ? 'failed' : 'cancelled')
    return over(row, failed ? 'lost' : 'answered')
  },
}

const talking: Transitions['connected'] = {
  media: sendMedia,
  status: sendStatus,
  consent,
  connected,
  'hang-up': hangUp,
  failed: fail,
  left: (row) => over(row, 'answered'),
  signal: hear(between),
}

/** Every transition there is. What does not stand here is refused. */
export const transitions: Transitions = {
  ringing: {
    'hang-up': (row, _event, { now }) => over(row, 'cancelled', ended(row, callEnds.cancelled, now)),
    'time-out': (row, _event, { now }) => over(row, 'no-answer', ended(row, callEnds.noAnswer, now)),
    failed: (row, _event, { now }) => over(row, 'failed', ended(row, callEnds.failed, now)),
    calling(row) {
      const { alerting = [] } = row
      check(alerting.length > 0, 'call-refused', { reason: 'it rings nowhere' })
      return stay(row, ...alerting.map((device) => toDevice(device, { type: 'calling' })))
    },
    signal: hear({
      alerting(row: CallRow, _signal: unknown, from: Signaller) {
        fromPeer(from)
        const others = (row.alerting ?? []).filter((one) => one !== from.device)
        return stay({ ...row, alerting: [...others, from.device] })
      },
      accept: accepted,
      // On another device somebody may just have answered: it would wait for us with its camera on.
      decline(row: CallRow, _signal: unknown, from: Signaller, { now }: CallPlace) {
        fromPeer(from)
        return over(row, 'declined', ended(row, callEnds.declined, now))
      },
      busy(row: CallRow, _signal: unknown, from: Signaller, { now }: CallPlace) {
        fromPeer(from)
        return over(row, 'busy', ended(row, callEnds.cancelled, now))
      },
      // Somebody accepted there, and the device has no microphone, say.
      end(row: CallRow, _signal: unknown, from: Signaller, { now }: CallPlace) {
        fromPeer(from)
        return over(row, 'failed', ended(row, callEnds.cancelled, now))
      },
    }),
  },
  rung: {
    answer(row, { tab, camera, video: stays }) {
      // Whoever answers a video call without a camera sees all the same, and may turn one on.
      const video = row.video && stays
      return stay(
        { ...row, phase: 'accepted', tab, other: row.caller, video },
        { name: 'open', offers: true, video: video && camera },
      )
    },
    decline: (row) => over(row, 'declined', toAll({ type: 'decline' })),
    'time-out': (row) => over(row, 'missed'),
    signal: hear({
      // That it came is all there is to it.
      calling(row: CallRow, _signal: unknown, from: Signaller) {
        fromCaller(row, from)
        return stay(row)
      },
      taken(row: CallRow, _signal: unknown, from: Signaller) {
        fromCaller(row, from)
        return over(row, 'elsewhere')
      },
      end(row: CallRow, { reason }: CallSignal & { type: 'end' }, from: Signaller) {
        fromCaller(row, from)
        return over(row, reason === callEnds.declined ? 'declined' : 'missed')
      },
      decline(row: CallRow, _signal: unknown, from: Signaller) {
        check(from.own, 'call-refused', { reason: 'not a device of ours' })
        return over(row, 'declined')
      },
    }),
  },
  accepted: {
    ...talking,
    offer(row, { media }) {
      check(!row.mine && media.type === 'offer', 'call-refused', { reason: 'not ours to offer' })
      return stay(row, toOther(row, { type: 'accept', video: row.video, media }))
    },
    lost: fail,
    left: fail,
    'time-out': fail,
    signal: hear({
      ...between,
      taken(row: CallRow, { device }: CallSignal & { type: 'taken' }, from: Signaller, place: CallPlace) {
        fromCaller(row, from)
        return device === place.device ? stay(row) : over(row, 'elsewhere')
      },
    }),
  },
  connected: { ...talking, lost: (row) => stay({ ...row, phase: 'lost' }) },
  lost: {
    ...talking,
    'time-out': (row, _event, { now }) => over(row, 'lost', ended(row, callEnds.failed, now)),
  },
  over: {},
}

/** Whether an error says that something did not fit where the call stands, so that nothing was changed. */
export const isRefused = (error: unknown): boolean =>
  SottoError.is(error, 'call-refused') || SottoError.is(error, 'call-over')
