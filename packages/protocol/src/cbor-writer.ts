import { SottoError } from './errors.js'

/**
 * Writes deterministic CBOR (RFC 8949, section 4.2.1): every head in its shortest form. Whoever writes a map writes its keys in ascending
 * order. The bytes are its own: what was written lingers in no shared buffer.
 */
export class CborWriter {
  #bytes: Uint8Array
  #length = 0

  /** `expected`: how many bytes it will be, where somebody knows. Any other number costs a copy and nothing else. */
  constructor(expected = 512) {
    this.#bytes = new Uint8Array(expected)
  }

  /** A whole number from 0 to 2^53 - 1. */
  uint(value: number): void {
    this.#head(0, value)
  }

  bytes(value: Uint8Array): void {
    this.#head(2, value.length)
    this.#append(value)
  }

  /** Text, given as its UTF-8. */
  text(value: Uint8Array): void {
    this.#head(3, value.length)
    this.#append(value)
  }

  /** The head of an array; its items follow. */
  array(length: number): void {
    this.#head(4, length)
  }

  /** The head of a map; `size` keys follow, each with its value. */
  map(size: number): void {
    this.#head(5, size)
  }

  bool(value: boolean): void {
    this.#byte(value ? 0xf5 : 0xf4)
  }

  null(): void {
    this.#byte(0xf6)
  }

  /** What was written. */
  finish(): Uint8Array {
    return this.#length === this.#bytes.length ? this.#bytes : this.#bytes.slice(0, this.#length)
  }

  #head(major: number, value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) throw new SottoError('malformed', { what: 'number' })
    const type = major << 5
    if (value < 24) return this.#byte(type | value)
    const size = value < 0x100 ? 1 : value < 0x1_0000 ? 2 : value < 0x1_0000_0000 ? 4 : 8
    this.#byte(type | (size === 1 ? 24 : size === 2 ? 25 : size === 4 ? 26 : 27))
    this.#reserve(size)
    let rest = value
    for (let i = size - 1; i >= 0; i--) {
      this.#bytes[this.#length + i] = rest % 256
      rest = Math.floor(rest / 256)
    }
    this.#length += size
  }

  #byte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#length++] = value
  }

  #append(value: Uint8Array): void {
    this.#reserve(value.length)
    this.#bytes.set(value, this.#length)
    this.#length += value.length
  }

  #reserve(more: number): void {
    const needed = this.#length + more
    if (needed <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length))
    larger.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = larger
  }
}
