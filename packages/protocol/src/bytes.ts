import { SottoError } from './errors.js'

const malformed = (what: string) => new SottoError('malformed', { what })

const hexOf: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Lower-case hexadecimal. Ids are kept as such strings in memory, so that `===` compares them and a `Map` can hold them. */
export function toHex(bytes: Uint8Array): string {
  return hexBetween(bytes, 0, bytes.length)
}

/** The same of `bytes` from `start` to `end`, without a copy of them. */
export function hexBetween(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  for (let i = start; i < end; i++) text += hexOf[bytes[i] ?? 0] ?? ''
  return text
}

const noDigit = 256
/** What a character's code stands for in hexadecimal; `noDigit` where it stands for nothing. */
const digitOf: readonly number[] = Array.from({ length: 128 }, (_, code) => {
  const value = '0123456789abcdef'.indexOf(String.fromCharCode(code))
  return value < 0 ? noDigit : value
})

/** The bytes of lower-case hexadecimal. Throws `malformed`. */
export function fromHex(text: string): Uint8Array {
  if (typeof text !== 'string' || text.length % 2 !== 0) throw malformed('hex')
  const bytes = new Uint8Array(text.length / 2)
  // Looked at once, at the end: ids are in every row and frame.
  let wrong = 0
  for (let i = 0; i < bytes.length; i++) {
    const high = digitOf[text.charCodeAt(2 * i)] ?? noDigit
    const low = digitOf[text.charCodeAt(2 * i + 1)] ?? noDigit
    wrong |= high | low
    bytes[i] = (high << 4) | low
  }
  if (wrong >= noDigit) throw malformed('hex')
  return bytes
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
/** What a character's code stands for; no entry where it stands for nothing. */
const valueOf: readonly (number | undefined)[] = Array.from({ length: 128 }, (_, code) => {
  const value = digits.indexOf(String.fromCharCode(code))
  return value < 0 ? undefined : value
})

/** Base64url without padding (RFC 4648, section 5): how bytes travel inside JSON. */
export function toBase64Url(bytes: Uint8Array): string {
  let text = ''
  let held = 0
  let bits = 0
  for (const byte of bytes) {
    held = ((held & 63) << 8) | byte
    bits += 8
    for (; bits >= 6; bits -= 6) text += digits.charAt((held >> (bits - 6)) & 63)
  }
  return bits === 0 ? text : text + digits.charAt((held << (6 - bits)) & 63)
}

/** The bytes of canonical base64url without padding. Throws `malformed`, also for the aliases whose last bits are not zero. */
export function fromBase64Url(text: string): Uint8Array {
  if (typeof text !== 'string' || text.length % 4 === 1) throw malformed('base64url')
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let held = 0
  let bits = 0
  let at = 0
  for (let i = 0; i < text.length; i++) {
    const value = valueOf[text.charCodeAt(i)]
    if (value === undefined) throw malformed('base64url')
    held = ((held & 255) << 6) | value
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes[at++] = held >> bits
    }
  }
  if ((held & ((1 << bits) - 1)) !== 0) throw malformed('base64url')
  return bytes
}

/** Whether two byte strings are equal. Not constant in time: for public values. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** One after the other. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Fresh random bytes from WebCrypto, the only source there is. At most 64 KiB. */
export function randomBytes(length: number): Uint8Array {
  if (globalThis.crypto?.getRandomValues === undefined) throw new SottoError('no-crypto')
  return globalThis.crypto.getRandomValues(new Uint8Array(length))
}

const encoder = new TextEncoder()
/** The longest text, in characters, that is worth a look whether it is plain ASCII: names and keys, of which there are many. */
const shortText = 128

/** UTF-8. */
export function utf8(text: string): Uint8Array {
  const { length } = text
  if (length > shortText) return encoder.encode(text)
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code > 127) return encoder.encode(text)
    bytes[i] = code
  }
  return bytes
}
