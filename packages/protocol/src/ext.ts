import { SottoError, check } from './errors.js'
import { limits } from './limits.js'
import type { Shape } from './shape.js'

/** Where new fields go. A reader must understand an even key, and may ignore an odd one. */
export type Ext = ReadonlyMap<number, Uint8Array>

export const emptyExt: Ext = new Map()

/** A map from positive integers to bytes: at most 16 keys, at most 1 KiB of values together. */
export const ext: Shape<Ext> = {
  write(to, value) {
    if (!(value instanceof Map)) throw new SottoError('malformed', { what: 'ext' })
    const entries = [...(value as Ext)].sort(([a], [b]) => a - b)
    check(entries.length <= limits.extKeys, 'too-large', { limit: limits.extKeys })
    to.map(entries.length)
    let size = 0
    for (const [key, item] of entries) {
      if (key < 1 || !(item instanceof Uint8Array)) throw new SottoError('malformed', { what: 'ext' })
      size += item.length
      check(size <= limits.ext, 'too-large', { limit: limits.ext })
      to.uint(key)
      to.bytes(item)
    }
  },
  read(from, what) {
    const size = from.map(what)
    check(size <= limits.extKeys, 'too-large', { limit: limits.extKeys })
    const value = new Map<number, Uint8Array>()
    let before = 0
    let room: number = limits.ext
    for (let left = size; left > 0; left--) {
      const key = from.uint(what)
      if (key <= before) throw new SottoError('malformed', { what })
      const item = from.bytes(0, Number.MAX_SAFE_INTEGER, what)
      check(item.length <= room, 'too-large', { limit: limits.ext })
      value.set(key, item)
      before = key
      room -= item.length
    }
    return value
  },
}

/** Throws `unsupported-version` for an even key that is not among those the caller understands. */
export function understand(value: Ext, understood: readonly number[] = []): void {
  for (const key of value.keys()) {
    check(key % 2 === 1 || understood.includes(key), 'unsupported-version', { what: 'ext' })
  }
}
