/**
 * HMAC-SHA-256 (RFC 2104; FIPS 180-4) for the many short inputs of a ratchet: it allocates its result and
 * nothing else, which makes it some times as fast as what is written for every hash there is. One at a time:
 * a call works in its instance's memory.
 */
export class HmacSha256 {
  /** Words of 32 bits: 64 of the schedule, 64 constants, 8 of the state. */
  readonly #words = new DataView(new ArrayBuffer(4 * (64 + 64 + 8)))
  readonly #initial: readonly number[]
  readonly #block = new Uint8Array(64)
  readonly #pad = new Uint8Array(64)
  readonly #inner = new Uint8Array(32)

  constructor() {
    // Section 4.2.2 and 5.3.3: the first 32 bits of the fractional parts of the cube and the square roots of
    // the first primes.
    const primes = firstPrimes(64)
    primes.forEach((prime, i) => this.#words.setInt32(constantsAt + 4 * i, fractionOfRoot(prime, 3)))
    this.#initial = primes.slice(0, 8).map((prime) => fractionOfRoot(prime, 2))
  }

  /** The 32 bytes of the code for `data` under `key`, both of any length, in a buffer of their own. */
  sign(key: Uint8Array, data: Uint8Array): ArrayBuffer {
    const result = new ArrayBuffer(32)
    const pad = this.#pad.fill(0)
    if (key.length > pad.length) this.#hash(key, pad, 0)
    else pad.set(key)
    for (let i = 0; i < pad.length; i++) pad[i] = (pad[i] ?? 0) ^ innerPad
    this.#hash(data, this.#inner, pad.length)
    for (let i = 0; i < pad.length; i++) pad[i] = (pad[i] ?? 0) ^ innerPad ^ outerPad
    this.#hash(this.#inner, new Uint8Array(result), pad.length)
    pad.fill(0)
    return result
  }

  /** SHA-256 of the first `padLength` (0 or 64) bytes of the pad and of `data`. */
  #hash(data: Uint8Array, out: Uint8Array, padLength: number): void {
    for (let i = 0; i < 8; i++) this.#words.setInt32(stateAt + 4 * i, this.#initial[i] ?? 0)
    if (padLength > 0) this.#compress(this.#pad, 0)
    let at = 0
    for (; at + 64 <= data.length; at += 64) this.#compress(data, at)

    // Section 5.1.1: a one, zeros, and the length in bits at the end of a block.
    const block = this.#block.fill(0)
    const rest = data.length - at
    for (let i = 0; i < rest; i++) block[i] = data[at + i] ?? 0
    block[rest] = 0x80
    if (rest >= 56) {
      this.#compress(block, 0)
      block.fill(0)
    }
    const length = padLength + data.length
    const tail = new DataView(block.buffer)
    tail.setUint32(56, Math.floor(length / 0x2000_0000))
    tail.setUint32(60, length << 3)
    this.#compress(block, 0)
    for (let i = 0; i < 32; i++) out[i] = this.#words.getUint8(stateAt + i)
  }

  /** Section 6.2.2. */
  #compress(bytes: Uint8Array, offset: number): void {
    const words = this.#words
    for (let t = 0, i = offset; t < 64; t += 4, i += 4) {
      const [b0 = 0, b1 = 0, b2 = 0, b3 = 0] = [bytes[i], bytes[i + 1], bytes[i + 2], bytes[i + 3]]
      words.setInt32(t, (b0 << 24) | (b1 << 16) | (b2 << 8) | b3)
    }
    for (let t = 64; t < 256; t += 4) {
      const x = words.getInt32(t - 60)
      const y = words.getInt32(t - 8)
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10)
      words.setInt32(t, (s1 + words.getInt32(t - 28) + s0 + words.getInt32(t - 64)) | 0)
    }
    let a = words.getInt32(stateAt)
    let b = words.getInt32(stateAt + 4)
    let c = words.getInt32(stateAt + 8)
    let d = words.getInt32(stateAt + 12)
    let e = words.getInt32(stateAt + 16)
    let f = words.getInt32(stateAt + 20)
    let g = words.getInt32(stateAt + 24)
    let h = words.getInt32(stateAt + 28)
    for (let t = 0; t < 256; t += 4) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + words.getInt32(constantsAt + t) + words.getInt32(t)) | 0
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
      h = g
      g = f
      f = e
      e = (d + t1) | 0
      d = c
      c = b
      b = a
      a = (t1 + t2) | 0
    }
    words.setInt32(stateAt, words.getInt32(stateAt) + a)
    words.setInt32(stateAt + 4, words.getInt32(stateAt + 4) + b)
    words.setInt32(stateAt + 8, words.getInt32(stateAt + 8) + c)
    words.setInt32(stateAt + 12, words.getInt32(stateAt + 12) + d)
    words.setInt32(stateAt + 16, words.getInt32(stateAt + 16) + e)
    words.setInt32(stateAt + 20, words.getInt32(stateAt + 20) + f)
    words.setInt32(stateAt + 24, words.getInt32(stateAt + 24) + g)
    words.setInt32(stateAt + 28, words.getInt32(stateAt + 28) + h)
  }
}

const [constantsAt, stateAt] = [4 * 64, 4 * 128] as const
const [innerPad, outerPad] = [0x36, 0x5c] as const

function firstPrimes(count: number): readonly number[] {
  const primes: number[] = []
  for (let n = 2; primes.length < count; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n)
  return primes
}

/**
 * The first 32 bits behind the point of the `degree`th root, exactly: the whole root of the number with 32 ·
 * degree more bits.
 */
function fractionOfRoot(prime: number, degree: 2 | 3): number {
  const target = BigInt(prime) << BigInt(32 * degree)
  let root = 0n
  for (let bit = 1n << 40n; bit > 0n; bit >>= 1n) if ((root | bit) ** BigInt(degree) <= target) root |= bit
  return Number(BigInt.asIntN(32, root))
}
