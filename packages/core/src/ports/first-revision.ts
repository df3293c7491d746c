/**
 * A revision for a row that is new, or put over whatever was there, for whoever writes a store: 52 random bits, so that none which the row had
 * before comes again, without anything having to be read, or kept of rows that are gone.
 */
export function firstRevision(): number {
  const [high = 0, low = 0] = globalThis.crypto.getRandomValues(new Uint32Array(2))
  return 1 + (high >>> 12) * 2 ** 32 + low
}
