import { SottoError, check } from './errors.js'
import { limits } from './limits.js'
import type { Cbor, Shape } from './shape.js'

/** Where new fields go. A reader must understand an even key, and may ignore an odd one. */
export type Ext = ReadonlyMap<number, Uint8Array>

export const emptyExt: Ext = new Map()

/** A map from positive integers to bytes, at most 1 KiB together. */
export const ext: Shape<Ext> = {
  to: (value) => new Map([...value].sort(([a], [b]) => a - b)),
  from(value: Cbor, what: string) {
    if (!(value instanceof Map) || value.size > limits.extKeys) throw new SottoError('malformed', { what })
    let size = 0
    for (const [key, item] of value as ReadonlyMap<unknown, unknown>) {
      if (!Number.isSafeInteger(key) || (key as number) < 1) throw new SottoError('malformed', { what })
      if (!(item instanceof Uint8Array)) throw new SottoError('malformed', { what })
      size += item.length
    }
    if (size > limits.ext) throw new SottoError('too-large', { limit: limits.ext })
    return value as Ext
  },
}

/** Throws `unsupported-version` for an even key that is not among those the caller understands. */
export function understand(value: Ext, understood: readonly number[] = []): void {
  for (const key of value.keys()) {
    check(key % 2 === 1 || understood.includes(key), 'unsupported-version', { what: 'ext' })
  }
}
