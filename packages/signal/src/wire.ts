import { check, limits } from '@sotto/protocol'
import { checkPublicKey } from './public-key.js'

/** A message of an established session. The header's numbers are not yet authenticated. */
export interface LaterMessage {
  readonly kind: 'later'
  readonly ratchetKey: Uint8Array
  readonly counter: number
  readonly previousCounter: number
  /** The message as it came, with version byte and MAC. */
  readonly bytes: Uint8Array
}

/** A message of a session that was not answered: what the other side needs to build it, and the message. */
export interface FirstMessage {
  readonly kind: 'first'
  readonly baseKey: Uint8Array
  readonly identityKey: Uint8Array
  readonly signedPreKeyId: number
  readonly preKeyId: number | undefined
  readonly message: LaterMessage
  readonly bytes: Uint8Array
}

export type Message = FirstMessage | LaterMessage

/**
 * Both versions of the wire format, the message's and the highest its sender knows, are 3. The byte is not
 * authenticated: nothing else is read.
 */
const version = 0x33
const macLength = 8
const tag = Object.freeze({
  ratchetKey: 0x0a,
  counter: 0x10,
  previousCounter: 0x18,
  ciphertext: 0x22,
  registrationId: 0x28,
  preKeyId: 0x08,
  signedPreKeyId: 0x30,
  baseKey: 0x12,
  identityKey: 0x1a,
  message: 0x22,
} as const)

/**
 * Reads a message of the library's format (protocol buffers), of which exactly one encoding is taken: every
 * field once and in the order in which the library writes them, shortest numbers, keys of 33 bytes, nothing
 * else. No cryptography. Throws `malformed`.
 */
export function parseMessage(bytes: Uint8Array): Message {
  check(bytes instanceof Uint8Array && bytes.length <= limits.body, 'malformed', { what: 'ciphertext' })
  return bytes[1] === tag.registrationId ? parseFirst(bytes) : parseLater(bytes)
}

function parseFirst(bytes: Uint8Array): FirstMessage {
  const reader = new Reader(bytes, bytes.length)
  check(reader.byte() === version, 'malformed', { what: 'version' })
  const registrationId = reader.number(tag.registrationId, 'registration id')
  check(registrationId === 0, 'malformed', { what: 'registration id' })
  const preKeyId = reader.number(tag.preKeyId, 'prekey id')
  const signedPreKeyId = reader.number(tag.signedPreKeyId, 'signed prekey id')
  check(signedPreKeyId > 0, 'malformed', { what: 'signed prekey id' })
  const baseKey = reader.key(tag.baseKey, 'base key')
  const identityKey = reader.key(tag.identityKey, 'identity key')
  const message = parseLater(reader.bytes(tag.message, 'message'))
  check(reader.done, 'malformed', { what: 'first message' })
  return {
    kind: 'first',
    baseKey,
    identityKey,
    signedPreKeyId,
    preKeyId: preKeyId || undefined,
    message,
    bytes,
  }
}

function parseLater(bytes: Uint8Array): LaterMessage {
  const reader = new Reader(bytes, bytes.length - macLength)
  check(reader.byte() === version, 'malformed', { what: 'version' })
  const ratchetKey = reader.key(tag.ratchetKey, 'ratchet key')
  const counter = reader.number(tag.counter, 'counter')
  const previousCounter = reader.number(tag.previousCounter, 'previous counter')
  const ciphertext = reader.bytes(tag.ciphertext, 'ciphertext')
  check(ciphertext.length > 0 && ciphertext.length % 16 === 0, 'malformed', { what: 'ciphertext' })
  check(reader.done, 'malformed', { what: 'message' })
  return { kind: 'later', ratchetKey, counter, previousCounter, bytes }
}

class Reader {
  readonly #bytes: Uint8Array
  readonly #end: number
  #at = 0

  constructor(bytes: Uint8Array, end: number) {
    this.#bytes = bytes
    this.#end = end
  }

  get done(): boolean {
    return this.#at === this.#end
  }

  byte(): number {
    const byte = this.#bytes[this.#at]
    check(byte !== undefined && this.#at < this.#end, 'malformed', { what: 'length' })
    this.#at++
    return byte
  }

  number(expected: number, what: string): number {
    check(this.byte() === expected, 'malformed', { what })
    return this.#varint(what)
  }

  bytes(expected: number, what: string): Uint8Array {
    const length = this.number(expected, what)
    check(length <= this.#end - this.#at, 'malformed', { what })
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  key(expected: number, what: string): Uint8Array {
    const typed = this.bytes(expected, what)
    check(typed.length === 33 && typed[0] === 5, 'malformed', { what })
    const key = typed.slice(1)
    checkPublicKey(key, what)
    return key
  }

  /** An unsigned 32-bit number in its shortest form. */
  #varint(what: string): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte()
      value += (byte & 127) * scale
      check(value <= 0xffff_ffff, 'malformed', { what })
      if (byte > 127) continue
      check(byte > 0 || scale === 1, 'malformed', { what })
      return value
    }
  }
}
