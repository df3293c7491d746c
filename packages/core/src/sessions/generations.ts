import { limits } from '@sotto/protocol'
import type { DeviceSessions, SessionRow } from '../store/tables.js'

/** Orders sessions: the higher generation first; in a tie the base key whose 32 bytes are smaller. */
export function compareSessions(a: SessionRow, b: SessionRow): number {
  if (a.generation !== b.generation) return b.generation - a.generation
  for (let i = 0; i < 32; i++) {
    const difference = (a.baseKey[i] ?? 0) - (b.baseKey[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** The live session: the first in order, whether it can be used or not. There is no way back to an older one. */
export function liveSession({ sessions }: DeviceSessions): SessionRow | undefined {
  return [...sessions].sort(compareSessions)[0]
}

/** The session to write in, or `undefined` where the next generation has to be started. */
export function writableSession(state: DeviceSessions, now: number): SessionRow | undefined {
  const live = liveSession(state)
  if (live === undefined || live.spent || live.generation < state.highest) return undefined
  // A clock that jumped far ahead only makes us start a new generation, which costs a prekey and loses nothing.
  return !live.answered && now - live.createdAt > limits.sessionMs ? undefined : live
}

/**
 * Whether a message in `name` may be read as any other. Once something came in the live session, its other sessions may only fill numbers
 * that are still missing.
 */
export function readsFreely(state: DeviceSessions, name: string): boolean {
  const live = liveSession(state)
  return live === undefined || live.name === name || !live.answered
}

/** Puts a session in its place: at most 5, the lowest go, and those that nothing was read or written in for 30 days. */
export function putSession(state: DeviceSessions, session: SessionRow): DeviceSessions {
  const others = state.sessions.filter((one) => one.name !== session.name)
  const sessions = [...others, session].sort(compareSessions).slice(0, limits.sessionsPerDevice)
  return { highest: Math.max(state.highest, session.generation), sessions }
}

/** Marks every session as never to be written in again. */
export function spendAll(state: DeviceSessions): DeviceSessions {
  return { ...state, sessions: state.sessions.map((one) => ({ ...one, spent: true })) }
}
