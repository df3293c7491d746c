import { deviceId } from './address.js'
import { decodeBodyOf } from './bodies.js'
import { ext } from './ext.js'
import { limits } from './limits.js'
import { bool, id, list, text, uint, union, type Shaped } from './shape.js'
import { field, struct } from './struct.js'

/** A call's id: 128 random bits, drawn by the calling device. It is also the message id of the call's line in the thread. */
export const callId = id(16)

const description = struct({ sdp: field(1, text(limits.callDescription)) })

/** One ICE candidate: the media section it is for, and its line as in SDP (RFC 8839, section 5.1). */
const candidate = struct({ mid: field(1, text(16)), line: field(2, text(limits.callCandidate)) })
export type CallCandidate = Shaped<typeof candidate>

/** What the two ends of a call's media say to each other: an offer, its answer, addresses as they are found, and that another offer is wanted. */
const media = union({
  offer: [1, description],
  answer: [2, description],
  candidates: [3, struct({ candidates: field(1, list(candidate, limits.callCandidates, 1)) })],
  /** From the end that makes no offers: it looks for another way, which begins with one. */
  restart: [4, struct({})],
})
export type CallMedia = Shaped<typeof media>
export type CallDescription = Extract<CallMedia, { readonly sdp: string }>

const nothing = struct({})

/** Why a call was ended. `declined`: the other person said no, for all of their devices that have not heard so. */
export const callEnds = Object.freeze({
  hungUp: 1,
  cancelled: 2,
  noAnswer: 3,
  failed: 4,
  declined: 5,
} as const)

/** Steps of the question whether a voice call becomes a video call. */
export const callConsents = Object.freeze({ ask: 1, agree: 2, refuse: 3 } as const)

const signal = union({
  /** To all devices of both accounts. It carries nothing that anybody could parse, fetch or connect to. */
  ring: [1, struct({ video: field(1, bool) })],
  /** From the device on which the person accepted, to the calling device alone; with the offer. */
  accept: [2, struct({ video: field(1, bool), media: field(2, media) })],
  /** Between the two devices of the call. */
  media: [3, struct({ media: field(1, media) })],
  /** From the calling device to all: this device was the first to accept. */
  taken: [4, struct({ device: field(1, deviceId) })],
  /** From the device on which the person declined, to all. */
  decline: [5, nothing],
  /** From a device whose person is in another call, to the calling device. */
  busy: [6, nothing],
  /** To all. How long it lasted, in milliseconds: 0 where nobody had accepted. */
  end: [7, struct({ reason: field(1, uint(5, 1)), durationMs: field(2, uint()) })],
  /** Between the two devices of the call: one of `callConsents`. */
  consent: [8, struct({ step: field(1, uint(3, 1)) })],
  /** Between the two devices of the call: what is on at the sender's side. */
  status: [9, struct({ microphone: field(1, bool), camera: field(2, bool), screen: field(3, bool) })],
  /** From a device that rings, to the calling device. */
  alerting: [10, nothing],
  /** From the calling device, again and again, to a device that said that it rings: it calls still. */
  calling: [11, nothing],
})
export type CallSignal = Shaped<typeof signal>

/** A call signal. `counter` counts the signals of one device in one call, from 1: one that is not higher than the last is refused. */
export const callBody = struct({
  call: field(1, callId),
  counter: field(2, uint(0xffff_ffff, 1)),
  signal: field(3, signal),
  ext: field(4, ext),
})
export type CallBody = Shaped<typeof callBody>

export const decodeCall = (encoded: Uint8Array): CallBody => decodeBodyOf(callBody, encoded)
