// What is needed of protocol buffers: tags, unsigned 32-bit numbers and byte strings. Reading is strict about
// ends; that every encoding is the only one (order, shortest numbers) is checked by `wire.ts` before the
// library sees a message.

export class Writer {
  #bytes = []

  uint32(value) {
    let rest = value >>> 0
    for (; rest > 127; rest >>>= 7) this.#bytes.push((rest & 127) | 128)
    this.#bytes.push(rest)
    return this
  }

  bytes(value) {
    this.uint32(value.length)
    for (const byte of value) this.#bytes.push(byte)
    return this
  }

  finish() {
    return Uint8Array.from(this.#bytes)
  }
}

export class Reader {
  #bytes
  #at = 0

  constructor(bytes) {
    this.#bytes = bytes
  }

  get done() {
    return this.#at === this.#bytes.length
  }

  uint32() {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      if (this.done) throw new RangeError('a number is cut off')
      const byte = this.#bytes[this.#at++]
      value = (value | ((byte & 127) << shift)) >>> 0
      if (byte < 128) return value
    }
    throw new RangeError('a number is too long')
  }

  bytes() {
    const length = this.uint32()
    if (length > this.#bytes.length - this.#at) throw new RangeError('bytes are cut off')
    const start = this.#at
    this.#at += length
    return this.#bytes.slice(start, this.#at)
  }
}
