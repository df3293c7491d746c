const largest = 32

/**
 * Items in pieces of 32, 16, 8, 4, 2 and 1: for statements that take many rows at once, of which there are then six, prepared once each, and
 * not one for every number of rows.
 */
export function pieces<T>(items: readonly T[]): readonly (readonly T[])[] {
  const found: (readonly T[])[] = []
  let at = 0
  for (let size = largest; size > 0; size >>= 1) {
    for (; items.length - at >= size; at += size) found.push(items.slice(at, at + size))
  }
  return found
}

/** `row,row,row`: for so many. */
export const rowsOf = (row: string, count: number): string => Array<string>(count).fill(row).join()
