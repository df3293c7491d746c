import { hexBetween } from './bytes.js'
import { SottoError } from './errors.js'

/** The smallest number that needs a head of 1, 2, 4, 8 more bytes. */
const smallest = Object.freeze([24, 0x100, 0x1_0000, 0x1_0000_0000] as const)

/**
 * Reads deterministic CBOR (RFC 8949, section 4.2.1), one item at a time, as a shape asks for it. There is no step that parses first and
 * looks afterwards: what nobody asked for (another type, a longer head, an indefinite length, a tag, a float, `undefined`) is `malformed` at
 * its first byte, and nothing is allocated for it. `what` names the place in the error.
 */
export class CborReader {
  readonly #data: Uint8Array
  #at = 0

  constructor(data: Uint8Array) {
    // A Buffer's `slice` shares its bytes; ours must be copies.
    this.#data = new Uint8Array(data.buffer, data.byteOffset, data.length)
  }

  /** Whether nothing is left. */
  get isDone(): boolean {
    return this.#at === this.#data.length
  }

  /** A whole number from 0 to 2^53 - 1. */
  uint(what: string): number {
    return this.#head(0, what)
  }

  /** A byte string of `min` to `max` bytes, as a copy. */
  bytes(min: number, max: number, what: string): Uint8Array {
    const length = this.#head(2, what)
    if (length < min || length > max) throw malformed(what)
    const start = this.#take(length, what)
    return this.#data.slice(start, this.#at)
  }

  /** A byte string of exactly `length` bytes, as lower-case hexadecimal. */
  hex(length: number, what: string): string {
    if (this.#head(2, what) !== length) throw malformed(what)
    const start = this.#take(length, what)
    return hexBetween(this.#data, start, this.#at)
  }

  /** Text of at most `max` bytes of valid UTF-8. */
  text(max: number, what: string): string {
    const length = this.#head(3, what)
    if (length > max) throw malformed(what)
    const start = this.#take(length, what)
    return fromUtf8(this.#data.subarray(start, this.#at), what)
  }

  /** The head of an array of `min` to `max` items, which follow. */
  array(min: number, max: number, what: string): number {
    const length = this.#head(4, what)
    if (length < min || length > max) throw malformed(what)
    return length
  }

  /** The head of a map: how many keys follow, each with its value. Whoever reads on checks that they ascend. */
  map(what: string): number {
    return this.#head(5, what)
  }

  bool(what: string): boolean {
    const byte = this.#data[this.#at++]
    if (byte !== 0xf4 && byte !== 0xf5) throw malformed(what)
    return byte === 0xf5
  }

  /** Takes a null, where one stands next. */
  isNull(): boolean {
    if (this.#data[this.#at] !== 0xf6) return false
    this.#at++
    return true
  }

  #head(major: number, what: string): number {
    const first = this.#data[this.#at++]
    if (first === undefined || first >> 5 !== major) throw malformed(what)
    const info = first & 31
    if (info < 24) return info
    const least = smallest[info - 24]
    if (least === undefined) throw malformed(what)
    let value = 0
    for (let i = this.#take(1 << (info - 24), what); i < this.#at; i++)
      value = value * 256 + (this.#data[i] ?? 0)
    if (value < least || value > Number.MAX_SAFE_INTEGER) throw malformed(what)
    return value
  }

  /** Goes on by `length` bytes, which are there. Returns where they begin. */
  #take(length: number, what: string): number {
    const start = this.#at
    if (length > this.#data.length - start) throw malformed(what)
    this.#at += length
    return start
  }
}

/** A byte order mark is a character like any other: dropped, the text would be another one. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const malformed = (what: string) => new SottoError('malformed', { what })

function fromUtf8(bytes: Uint8Array, what: string): string {
  let text = ''
  let isPlain = bytes.length < 32
  for (let i = 0; isPlain && i < bytes.length; i++) {
    const code = bytes[i] ?? 0
    isPlain = code < 0x80
    text += String.fromCharCode(code)
  }
  if (isPlain) return text
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw new SottoError('malformed', { what }, { cause })
  }
}
