/** Writes CBOR (RFC 8949, section 4.2.1) into a buffer that has room for it: for the few layouts that a relay makes thousands of a second. */
export class CborBuffer {
  readonly #to: Buffer
  #at = 0

  /** `room`: bytes that are enough. */
  constructor(room: number) {
    this.#to = Buffer.allocUnsafe(room)
  }

  raw(...bytes: readonly number[]): void {
    for (const byte of bytes) this.byte(byte)
  }

  byte(byte: number): void {
    this.#to[this.#at++] = byte
  }

  /** The head of a value of a major type, shortest form. */
  head(major: number, value: number): void {
    const type = major << 5
    if (value < 24) this.byte(type | value)
    else if (value < 0x100) {
      this.byte(type | 24)
      this.byte(value)
    } else if (value < 0x1_0000) {
      this.byte(type | 25)
      this.#at = this.#to.writeUInt16BE(value, this.#at)
    } else if (value < 0x1_0000_0000) {
      this.byte(type | 26)
      this.#at = this.#to.writeUInt32BE(value, this.#at)
    } else {
      this.byte(type | 27)
      this.#at = this.#to.writeUInt32BE(Math.floor(value / 0x1_0000_0000), this.#at)
      this.#at = this.#to.writeUInt32BE(value % 0x1_0000_0000, this.#at)
    }
  }

  /** An id in hexadecimal, as bytes. */
  id(hex: string): void {
    this.head(2, hex.length / 2)
    this.#at += this.#to.write(hex, this.#at, 'hex')
  }

  /** Text that is known to be ASCII, as names and realms are. */
  ascii(text: string): void {
    this.head(3, text.length)
    this.#at += this.#to.write(text, this.#at, 'latin1')
  }

  copy(bytes: Uint8Array): void {
    this.#to.set(bytes, this.#at)
    this.#at += bytes.length
  }

  done(): Uint8Array {
    return this.#to.subarray(0, this.#at)
  }
}
