import type { Counters } from './tables.js'

/** The counters of a device that has counted nothing yet. */
export const freshCounters: Counters = Object.freeze({
  nextPreKey: 1,
  nextSignedPreKey: 1,
  signedPreKeyMadeAt: 0,
  clock: Object.freeze({ ms: 0, logical: 0 }),
  run: 0,
})
