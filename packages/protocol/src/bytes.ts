import { SottoError } from './errors.js'

const digits = '0123456789abcdef'

/** Lower-case hexadecimal. Ids are kept as such strings in memory, so that `===` compares them and a `Map` can hold them. */
export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += digits.charAt(byte >> 4) + digits.charAt(byte & 15)
  return text
}

/** The bytes of lower-case hexadecimal. Throws `malformed`. */
export function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) throw new SottoError('malformed', { what: 'hex' })
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(text.slice(2 * i, 2 * i + 2), 16)
  return bytes
}

/** Base64url without padding (RFC 4648, section 5): how bytes travel inside JSON. */
export function toBase64Url(bytes: Uint8Array): string {
  let binary = ''
  for (let i = 0; i < bytes.length; i += 0x8000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000))
  return btoa(binary).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}

/** The bytes of canonical base64url without padding. Throws `malformed`, also for the aliases whose last bits are not zero. */
export function fromBase64Url(text: string): Uint8Array {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) throw new SottoError('malformed', { what: 'base64url' })
  const binary = atob(text.replace(/-/g, '+').replace(/_/g, '/'))
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
  if (toBase64Url(bytes) !== text) throw new SottoError('malformed', { what: 'base64url' })
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

/** Fresh random bytes from WebCrypto, the only source there is. */
export function randomBytes(length: number): Uint8Array {
  if (globalThis.crypto?.getRandomValues === undefined) throw new SottoError('no-crypto')
  return globalThis.crypto.getRandomValues(new Uint8Array(length))
}

const encoder = new TextEncoder()

/** UTF-8. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text)
}
