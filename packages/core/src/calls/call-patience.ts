import { limits } from '@sotto/protocol'
import type { Time } from '../ports/index.js'
import type { CallRow } from './call-row.js'
import type { CallEvent } from './call-state.js'

interface PatienceContext {
  readonly tab: string
  readonly time: Time
  readonly say: (event: CallEvent) => void
}

/**
 * Nothing waits for ever: an answer, a connection, one that was lost. Whoever calls says so again and again, since a page that was closed can say
 * nothing any more: where that stays away, it rings no longer.
 */
export class CallPatience {
  readonly #context: PatienceContext
  #waits: string | undefined
  #timers: AbortController | undefined

  constructor(context: PatienceContext) {
    this.#context = context
  }

  /** Waits for what a call is waiting for now. */
  watch(row: CallRow): void {
    const waits = row.phase === 'rung' ? `rung ${heardOf(row)}` : row.phase
    if (waits === this.#waits) return
    this.#waits = waits
    this.stop()
    const { tab, time } = this.#context
    const ms = patienceOf(row, time.now())
    // It rings in every tab; all else is of the tab that has the call.
    if (ms === undefined || (row.phase !== 'rung' && row.tab !== tab)) return
    this.#timers = new AbortController()
    const { signal } = this.#timers
    void this.#after(ms, 'time-out', signal)
    if (row.phase === 'ringing') void this.#beat(signal)
  }

  stop(): void {
    this.#timers?.abort()
  }

  async #beat(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) await this.#after(limits.callBeatMs, 'calling', signal)
  }

  #after(ms: number, name: 'time-out' | 'calling', signal: AbortSignal): Promise<void> {
    const { time, say } = this.#context
    return time.sleep(ms, signal).then(
      () => say({ name }),
      () => undefined,
    )
  }
}

const heardOf = ({ heard, caller }: CallRow): number =>
  heard.find(({ device }) => device === caller)?.counter ?? 0

function patienceOf({ phase, startedAt }: CallRow, now: number): number | undefined {
  // A clock that was turned back makes nothing ring for longer.
  if (phase === 'rung') return Math.max(0, Math.min(limits.callSilenceMs, startedAt + limits.ringMs - now))
  if (phase === 'ringing') return limits.noAnswerMs
  return phase === 'accepted' || phase === 'lost' ? limits.callConnectMs : undefined
}
