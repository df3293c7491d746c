import { fromHex, utf8 } from './bytes.js'
import type { CborReader } from './cbor-reader.js'
import type { CborWriter } from './cbor-writer.js'
import { SottoError, check } from './errors.js'

/**
 * How one type stands in CBOR. Both ways distrust what they are given and throw `malformed` with the name of the place: what a shape writes,
 * it reads.
 */
export interface Shape<T> {
  write(to: CborWriter, value: T): void
  read(from: CborReader, what: string): T
}

export type Shaped<S> = S extends Shape<infer T> ? T : never

const malformed = (what: string) => new SottoError('malformed', { what })

/** A whole number from `min` to `max`, both included. */
export function uint(max: number = Number.MAX_SAFE_INTEGER, min = 0): Shape<number> {
  const inside = (value: number, what: string): number => {
    if (!Number.isSafeInteger(value) || value < min || value > max) throw malformed(what)
    return value
  }
  return {
    write: (to, value) => to.uint(inside(value, 'number')),
    read: (from, what) => inside(from.uint(what), what),
  }
}

/** The number of a layout. A higher one is newer than us: `unsupported-version`. */
export function version(known: number): Shape<number> {
  const exact = uint(known, known)
  return {
    write: exact.write,
    read(from, what) {
      const value = from.uint(what)
      check(value <= known, 'unsupported-version', { what })
      if (value < known) throw malformed(what)
      return value
    },
  }
}

/** A byte string of `min` to `max` bytes; of exactly `min` where `max` is not given. */
export function bytes(min: number, max: number = min): Shape<Uint8Array> {
  return {
    write(to, value) {
      if (!(value instanceof Uint8Array) || value.length < min || value.length > max) throw malformed('bytes')
      to.bytes(value)
    },
    read: (from, what) => from.bytes(min, max, what),
  }
}

/** A byte string of exactly `length` bytes, a lower-case hexadecimal string in memory. */
export function id(length: number): Shape<string> {
  return {
    write(to, value) {
      const raw = fromHex(value)
      if (raw.length !== length) throw malformed('id')
      to.bytes(raw)
    },
    read: (from, what) => from.hex(length, what),
  }
}

/** Text of at most `maxBytes` bytes of UTF-8 that `pattern` matches, without lone surrogates. */
export function text(maxBytes: number, pattern?: RegExp): Shape<string> {
  return {
    write(to, value) {
      if (typeof value !== 'string' || !isWhole(value)) throw malformed('text')
      if (pattern !== undefined && !pattern.test(value)) throw malformed('text')
      const encoded = utf8(value)
      if (encoded.length > maxBytes) throw malformed('text')
      to.text(encoded)
    },
    read(from, what) {
      const value = from.text(maxBytes, what)
      if (pattern !== undefined && !pattern.test(value)) throw malformed(what)
      return value
    },
  }
}

/** Whether every character is one: no half of a pair stands alone. */
function isWhole(value: string): boolean {
  for (let i = 0; i < value.length; i++)
    if (value.charCodeAt(i) >= 0xd800) return !/\p{Surrogate}/u.test(value)
  return true
}

export const bool: Shape<boolean> = {
  write(to, value) {
    if (typeof value !== 'boolean') throw malformed('bool')
    to.bool(value)
  },
  read: (from, what) => from.bool(what),
}

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return {
    write: (to, value) => (value === null ? to.null() : shape.write(to, value)),
    read: (from, what) => (from.isNull() ? null : shape.read(from, what)),
  }
}

/** An array of `min` to `max` items. */
export function list<T>(shape: Shape<T>, max: number, min = 0): Shape<readonly T[]> {
  return {
    write(to, value) {
      if (!Array.isArray(value) || value.length < min || value.length > max) throw malformed('list')
      to.array(value.length)
      for (const item of value as readonly T[]) shape.write(to, item)
    },
    read(from, what) {
      const items: T[] = []
      for (let left = from.array(min, max, what); left > 0; left--) items.push(shape.read(from, what))
      return items
    },
  }
}

/** A shape whose values also satisfy `holds`: what `what` names is wrong else. */
export function refine<T>(shape: Shape<T>, what: string, holds: (value: T) => boolean): Shape<T> {
  const held = (value: T): T => {
    if (holds(value) !== true) throw malformed(what)
    return value
  }
  return {
    write: (to, value) => shape.write(to, held(value)),
    read: (from, place) => held(shape.read(from, place)),
  }
}

/** One of several layouts, told apart by a tag: `[tag, value]` on the wire, `{ type, …value }` in memory. Another tag is newer than us. */
export function union<V extends Record<string, readonly [tag: number, shape: Shape<object>]>>(
  variants: V,
): Shape<{ [K in keyof V]: Flat<{ readonly type: K } & Shaped<V[K][1]>> }[keyof V]> {
  type Value = { [K in keyof V]: Flat<{ readonly type: K } & Shaped<V[K][1]>> }[keyof V]
  const byType = new Map(Object.entries(variants))
  const byTag = new Map(Object.entries(variants).map(([type, [tag, shape]]) => [tag, { type, shape }]))
  check(byTag.size === byType.size, 'wrong-argument', { name: 'tag' })
  return {
    write(to, value) {
      const variant = byType.get(value?.type as string)
      if (variant === undefined) throw malformed('type')
      to.array(2)
      to.uint(variant[0])
      variant[1].write(to, value)
    },
    read(from, what) {
      from.array(2, 2, what)
      const variant = byTag.get(from.uint(what))
      check(variant !== undefined, 'unsupported-version', { what })
      const { type, shape } = variant
      // What a shape has just read is nobody else's yet.
      return Object.assign(shape.read(from, type), { type }) as Value
    },
  }
}

type Flat<T> = { [K in keyof T]: T[K] }
