import { check } from '@sotto/protocol'

/** The library's public keys carry a type byte: 5 for Curve25519. */
const type = 5

/** A public key of 32 bytes as the library passes it around: 33 bytes in a buffer of its own. */
export function typedKey(key: Uint8Array): ArrayBuffer {
  const bytes = new Uint8Array(33)
  bytes[0] = type
  bytes.set(key, 1)
  return bytes.buffer
}

/** The same as base64. */
export const typed = (key: Uint8Array): string => toBase64(new Uint8Array(typedKey(key)))

/** The 32 bytes of a public key that the library wrote down. Throws `self-check-failed`. */
export function untyped(base64: string): Uint8Array {
  const bytes = fromBase64(base64)
  check(bytes.length === 33 && bytes[0] === type, 'self-check-failed')
  return bytes.slice(1)
}

export const toBase64 = (bytes: Uint8Array): string => btoa(toBinary(bytes))

export const fromBase64 = (base64: string): Uint8Array => fromBinary(atob(base64))

/** A string with a character for each byte, which is how the library hands bytes out. */
export function toBinary(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return binary
}

export function fromBinary(binary: string): Uint8Array {
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes
}

/** A copy of the bytes in a buffer of exactly their length, which is what the library takes. */
export const bufferOf = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer
