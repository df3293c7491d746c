/** The clock and everything that waits, so that a test can turn it. */
export interface Time {
  /** Milliseconds since 1970. May jump either way. */
  now(): number
  /** Milliseconds that never go back: for measuring how long something took. */
  monotonic(): number
  /** Resolves after `ms`. Rejects with `aborted` when `signal` says so. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Resolves in a later task: a page that is seen draws and hears its person before. Where there is none, nobody waits for work that is long. */
  turn?(): Promise<void>
  /** A random whole number from 0 up to, but without, `below`: for jitter. */
  random(below: number): number
}
