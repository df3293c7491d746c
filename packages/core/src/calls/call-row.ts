import {
  accountName,
  bool,
  callId,
  check,
  deviceId,
  field,
  id,
  limits,
  list,
  optional,
  struct,
  text,
  uint,
  type Shape,
  type Shaped,
} from '@sotto/protocol'
import { table } from '../store/rows.js'

/**
 * Where a call stands on this device. `ringing`: we called, and nobody has answered. `rung`: somebody calls us. `accepted`: one side accepted,
 * and the media are not there yet. `connected`, `lost`: they are there; they were, and are looked for. `over`: for good.
 */
export const callPhases = ['ringing', 'rung', 'accepted', 'connected', 'lost', 'over'] as const
export type CallPhase = (typeof callPhases)[number]

/**
 * What came of a call. `elsewhere`: it was answered on another device of ours, or placed on one and is not over yet. `declined`: on whichever
 * device. `failed`: it never came about. `lost`: it did, and its connection went and did not come back.
 */
export const callOutcomes = [
  'answered',
  'cancelled',
  'no-answer',
  'missed',
  'declined',
  'busy',
  'failed',
  'elsewhere',
  'lost',
] as const
export type CallOutcome = (typeof callOutcomes)[number]

/** One of some names, stored as its place among them. New names go to the end. */
function oneOf<const T extends string>(names: readonly T[]): Shape<T> {
  const place = uint(names.length - 1)
  return {
    write: (to, value) => place.write(to, names.indexOf(value)),
    read(from, what) {
      const name = names[place.read(from, what)]
      check(name !== undefined, 'malformed', { what })
      return name
    },
  }
}

const call = struct({
  id: field(1, callId),
  account: field(2, accountName),
  /** Whether we called. */
  mine: field(3, bool),
  phase: field(4, oneOf(callPhases)),
  /** The calling device. */
  caller: field(5, deviceId),
  /** The device at the other end, once one side accepted. */
  other: optional(6, deviceId),
  /** Whether the call may have video: it was placed as one and answered, or both agreed to it later. */
  video: field(7, bool),
  /** Who asks to make a video call of it. */
  asks: field(8, oneOf(['nobody', 'we', 'they'])),
  /** The tab that has its media. */
  tab: optional(9, id(16)),
  /** Milliseconds since 1970. */
  startedAt: field(10, uint()),
  connectedAt: optional(11, uint()),
  outcome: optional(12, oneOf(callOutcomes)),
  /** The counter of our last signal. */
  counter: field(13, uint(0xffff_ffff)),
  /** The highest counter that came, of each device. */
  heard: field(
    14,
    list(struct({ device: field(1, deviceId), counter: field(2, uint(0xffff_ffff)) }), 2 * limits.devices),
  ),
  /** The key of its line in the thread. */
  line: field(15, text(128)),
  /** The devices that said that they ring, in a call of ours. */
  alerting: optional(16, list(deviceId, 2 * limits.devices, 1)),
})
export type CallRow = Shaped<typeof call>

/** Calls that are not over. Key: `all/CALL`. */
export const callRows = table('calls', call, 4096)

/** A call as its line in the thread says it: the body of a message row of the type `call`. */
export const callLine = struct({
  video: field(1, bool),
  /** Absent while it lasts. */
  outcome: optional(2, oneOf(callOutcomes)),
  durationMs: field(3, uint()),
})
export type CallLine = Shaped<typeof callLine>

/** Where the lines of the last 200 calls stand, newest last. Key: `all/SORT`. */
export const callHistoryRows = table(
  'call-history',
  struct({ account: field(1, accountName), key: field(2, text(128)) }),
  512,
)
