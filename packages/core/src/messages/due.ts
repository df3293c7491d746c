/**
 * When something is due that was put off until `at`, all in milliseconds since 1970. Nothing is put off for more than `longestMs`: what is said
 * to be due later was reckoned by a clock that was wrong, and is due now.
 */
export const dueAt = (at: number, now: number, longestMs: number): number => (at > now + longestMs ? now : at)
