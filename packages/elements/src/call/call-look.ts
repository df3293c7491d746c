import type { CallState } from '@sotto/core'

/** What is seen of a call: a card that rings, the call itself, a bar, or a card that says what came of it. */
export type CallLook = 'ring' | 'full' | 'bar' | 'end'

export function lookOf(state: CallState | undefined, minimised: boolean): CallLook | undefined {
  if (state === undefined) return undefined
  if (state.phase === 'over') return 'end'
  if (state.phase === 'rung') return 'ring'
  return state.here && !minimised ? 'full' : 'bar'
}
