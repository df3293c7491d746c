/**
 * Goes through the bytes of a frame that is expected to look one way. What looks another way makes the whole of it not `good`, and nothing
 * that was read counts: whoever asks then reads the frame by its shape, which knows every way, and every error.
 */
export class FrameCursor {
  good = true
  readonly #data: Buffer
  #at = 0

  constructor(data: Buffer) {
    this.#data = data
  }

  /** Whether all of it was as expected, to the last byte. */
  get isDone(): boolean {
    return this.good && this.#at === this.#data.length
  }

  /** The next byte. */
  expect(byte: number): void {
    if (this.#data[this.#at++] !== byte) this.good = false
  }

  /** Whether the next byte is this one, which is then taken. */
  takes(byte: number): boolean {
    if (this.#data[this.#at] !== byte) return false
    this.#at++
    return true
  }

  /** The number in the head of a value of a major type, in its shortest form, of at most four bytes. */
  head(major: number, min: number, max: number): number {
    const data = this.#data
    const first = data[this.#at++] ?? 0xff
    let value = first & 31
    if (value === 24) {
      value = data[this.#at++] ?? 0
      if (value < 24) this.good = false
    } else if (value === 25) {
      value = this.#has(2) ? data.readUInt16BE(this.#at - 2) : 0
      if (value < 0x100) this.good = false
    } else if (value === 26) {
      value = this.#has(4) ? data.readUInt32BE(this.#at - 4) : 0
      if (value < 0x1_0000) this.good = false
    } else if (value > 26) this.good = false
    if (first >> 5 !== major || value < min || value > max) this.good = false
    return this.good ? value : min
  }

  /** A byte string of exactly `length` bytes, as lower-case hexadecimal. */
  id(length: number): string {
    this.head(2, length, length)
    return this.#has(length) ? this.#data.toString('hex', this.#at - length, this.#at) : ''
  }

  /** Text of ASCII characters; whoever asks knows which of them may be in it. */
  ascii(max: number): string {
    const length = this.head(3, 0, max)
    return this.#has(length) ? this.#data.toString('latin1', this.#at - length, this.#at) : ''
  }

  /** A byte string. It shares the frame's memory. */
  view(min: number, max: number): Uint8Array {
    const length = this.head(2, min, max)
    return this.#has(length) ? this.#data.subarray(this.#at - length, this.#at) : this.#data
  }

  #has(length: number): boolean {
    this.#at += length
    if (this.#at > this.#data.length) this.good = false
    return this.good
  }
}
