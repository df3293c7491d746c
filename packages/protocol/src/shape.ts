import { fromHex, toHex } from './bytes.js'
import { SottoError, check } from './errors.js'

/** What CBOR carries here: no floats, no tags, no `undefined`, no integers that a double cannot hold. */
export type Cbor = number | string | boolean | null | Uint8Array | readonly Cbor[] | ReadonlyMap<number, Cbor>

/** How one type stands in CBOR. `from` distrusts what it is given and throws `malformed` with the name of the place. */
export interface Shape<T> {
  to(value: T): Cbor
  from(value: Cbor, what: string): T
}

export type Shaped<S> = S extends Shape<infer T> ? T : never

const malformed = (what: string) => new SottoError('malformed', { what })

/** A whole number from `min` to `max`, both included. */
export function uint(max: number = Number.MAX_SAFE_INTEGER, min = 0): Shape<number> {
  const from = (value: Cbor, what: string): number => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) throw malformed(what)
    return value
  }
  return { to: (value) => from(value, 'number'), from }
}

/** A byte string of `min` to `max` bytes; of exactly `min` where `max` is not given. */
export function bytes(min: number, max: number = min): Shape<Uint8Array> {
  const from = (value: Cbor, what: string): Uint8Array => {
    if (!(value instanceof Uint8Array) || value.length < min || value.length > max) throw malformed(what)
    return value
  }
  return { to: (value) => from(value, 'bytes'), from }
}

/** A byte string of exactly `length` bytes, a lower-case hexadecimal string in memory. */
export function id(length: number): Shape<string> {
  const raw = bytes(length)
  return { to: (value) => raw.to(fromHex(value)), from: (value, what) => toHex(raw.from(value, what)) }
}

/** Text of at most `maxBytes` bytes of UTF-8 that `pattern` matches, without lone surrogates. */
export function text(maxBytes: number, pattern?: RegExp): Shape<string> {
  const from = (value: Cbor, what: string): string => {
    if (typeof value !== 'string' || new TextEncoder().encode(value).length > maxBytes) throw malformed(what)
    if (/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(value)) throw malformed(what)
    if (pattern !== undefined && !pattern.test(value)) throw malformed(what)
    return value
  }
  return { to: (value) => from(value, 'text'), from }
}

export const bool: Shape<boolean> = {
  to: (value) => value,
  from(value, what) {
    if (typeof value !== 'boolean') throw malformed(what)
    return value
  },
}

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return {
    to: (value) => (value === null ? null : shape.to(value)),
    from: (value, what) => (value === null ? null : shape.from(value, what)),
  }
}

/** An array of `min` to `max` items. */
export function list<T>(shape: Shape<T>, max: number, min = 0): Shape<readonly T[]> {
  return {
    to(value) {
      if (value.length < min || value.length > max) throw malformed('list')
      return value.map((item) => shape.to(item))
    },
    from(value, what) {
      if (!Array.isArray(value) || value.length < min || value.length > max) throw malformed(what)
      return value.map((item: Cbor) => shape.from(item, what))
    },
  }
}

export interface Field<T, Optional extends boolean> {
  readonly key: number
  readonly shape: Shape<T>
  readonly optional: Optional
}

export function field<T>(key: number, shape: Shape<T>): Field<T, false> {
  return { key, shape, optional: false }
}

/** A field that may be absent. It is then absent on the wire too: `undefined` is never written. */
export function optional<T>(key: number, shape: Shape<T>): Field<T, true> {
  return { key, shape, optional: true }
}

type Fields = Record<string, Field<never, boolean>>
type Flat<T> = { [K in keyof T]: T[K] }
type FieldType<F> = F extends { readonly shape: Shape<infer T> } ? T : never
type Struct<F> = Flat<
  { readonly [K in keyof F as F[K] extends { readonly optional: true } ? never : K]: FieldType<F[K]> } & {
    readonly [K in keyof F as F[K] extends { readonly optional: true } ? K : never]?: FieldType<F[K]>
  }
>

/** A map with integer keys, an object without a prototype in memory. A key it does not name is malformed: new fields go into `ext`. */
export function struct<F extends { [K in keyof F]: Field<never, boolean> | Field<any, boolean> }>( // eslint-disable-line @typescript-eslint/no-explicit-any -- a field of any type; Struct gives it back
  fields: F,
): Shape<Struct<F>> {
  const entries = Object.entries(fields as unknown as Fields)
  const keys = new Set(entries.map(([, one]) => one.key))
  check(keys.size === entries.length, 'wrong-argument', { name: 'key' })
  return {
    to(value) {
      const map = new Map<number, Cbor>()
      for (const [name, one] of entries) {
        const item = (value as Record<string, unknown>)[name]
        if (item !== undefined) map.set(one.key, one.shape.to(item as never))
        else if (!one.optional) throw malformed(name)
      }
      return map
    },
    from(value, what) {
      if (!(value instanceof Map)) throw malformed(what)
      for (const key of value.keys()) if (!keys.has(key as number)) throw malformed(what)
      const result = Object.create(null) as Record<string, unknown>
      for (const [name, one] of entries) {
        const item = value.get(one.key) as Cbor | undefined
        if (item !== undefined) result[name] = one.shape.from(item, name)
        else if (!one.optional) throw malformed(name)
      }
      return result as Struct<F>
    },
  }
}

/** One of several layouts, told apart by a tag: `[tag, value]` on the wire, `{ type, …value }` in memory. Another tag is newer than us. */
export function union<V extends Record<string, readonly [tag: number, shape: Shape<object>]>>(
  variants: V,
): Shape<{ [K in keyof V]: Flat<{ readonly type: K } & Shaped<V[K][1]>> }[keyof V]> {
  type Value = { [K in keyof V]: Flat<{ readonly type: K } & Shaped<V[K][1]>> }[keyof V]
  return {
    to(value) {
      const variant = variants[value.type as string]
      if (variant === undefined) throw malformed('type')
      return [variant[0], variant[1].to(value as never)]
    },
    from(value, what) {
      if (!Array.isArray(value) || value.length !== 2 || typeof value[0] !== 'number') throw malformed(what)
      for (const [type, [tag, shape]] of Object.entries(variants)) {
        if (tag !== value[0]) continue
        const result = Object.assign(Object.create(null) as object, { type }, shape.from(value[1] as Cbor, type))
        return result as Value
      }
      throw new SottoError('unsupported-version', { what })
    },
  }
}
