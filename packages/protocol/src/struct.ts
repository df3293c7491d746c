import type { CborReader } from './cbor-reader.js'
import { SottoError, check } from './errors.js'
import type { Shape } from './shape.js'

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

const malformed = (what: string) => new SottoError('malformed', { what })

/**
 * A map with integer keys that ascend, an object without a prototype in memory. A key it does not name is malformed: new fields go into
 * `ext`.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a field of any type; Struct gives it back
export function struct<F extends { [K in keyof F]: Field<never, boolean> | Field<any, boolean> }>(
  fields: F,
): Shape<Struct<F>> {
  const entries = Object.entries(fields as unknown as Fields)
    .map(([name, { key, shape, optional }]) => ({ name, key, shape, optional }))
    .sort((a, b) => a.key - b.key)
  check(new Set(entries.map(({ key }) => key)).size === entries.length, 'wrong-argument', { name: 'key' })
  return {
    write(to, value) {
      if (typeof value !== 'object' || value === null) throw malformed('value')
      // Its own properties alone: what somebody put on every object of the page is no field.
      const items: unknown[] = []
      let present = 0
      for (const { name } of entries) {
        const item = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined
        if (item !== undefined) present++
        items.push(item)
      }
      to.map(present)
      let i = 0
      for (const { name, key, shape, optional } of entries) {
        const item = items[i++]
        if (item !== undefined) {
          to.uint(key)
          shape.write(to, item as never)
        } else if (!optional) throw malformed(name)
      }
    },
    read(from, what) {
      const result = Object.create(null) as Record<string, unknown>
      const keys = new KeysLeft(from, what)
      for (const { name, key, shape, optional } of entries) {
        if (keys.next === key) {
          result[name] = shape.read(from, name)
          keys.step()
        } else if (!optional) throw malformed(name)
      }
      // A key that is unknown, twice there or out of order was never the next one.
      if (keys.next !== undefined) throw malformed(what)
      return result as Struct<F>
    },
  }
}

/** The keys of a map that were not read yet. */
class KeysLeft {
  next: number | undefined
  readonly #from: CborReader
  readonly #what: string
  #left: number

  constructor(from: CborReader, what: string) {
    this.#from = from
    this.#what = what
    this.#left = from.map(what) + 1
    this.step()
  }

  step(): void {
    this.next = --this.#left > 0 ? this.#from.uint(this.#what) : undefined
  }
}
