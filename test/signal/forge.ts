import { concatBytes } from '@sotto/protocol'
import { parseMessage } from '../../packages/signal/src/wire.js'

/**
 * The fields of a first message as they stand on the wire: keys with their type byte, the inner message as
 * bytes.
 */
export interface FirstFields {
  readonly version: number
  readonly registrationId: number
  readonly preKeyId: number
  readonly signedPreKeyId: number
  readonly baseKey: Uint8Array
  readonly identityKey: Uint8Array
  readonly message: Uint8Array
}

export interface LaterFields {
  readonly version: number
  readonly ratchetKey: Uint8Array
  readonly counter: number
  readonly previousCounter: number
  readonly ciphertext: Uint8Array
  readonly mac: Uint8Array
}

export const typedKey = (key: Uint8Array): Uint8Array => concatBytes(Uint8Array.of(5), key)

/** Writes what an attacker would write: nothing is checked. */
export function encodeFirst(fields: FirstFields): Uint8Array {
  return concatBytes(
    Uint8Array.of(fields.version),
    number(0x28, fields.registrationId),
    number(0x08, fields.preKeyId),
    number(0x30, fields.signedPreKeyId),
    bytes(0x12, fields.baseKey),
    bytes(0x1a, fields.identityKey),
    bytes(0x22, fields.message),
  )
}

export function encodeLater(fields: LaterFields): Uint8Array {
  return concatBytes(
    Uint8Array.of(fields.version),
    bytes(0x0a, fields.ratchetKey),
    number(0x10, fields.counter),
    number(0x18, fields.previousCounter),
    bytes(0x22, fields.ciphertext),
    fields.mac,
  )
}

/** The fields of a genuine first message, to be put together otherwise. */
export function takeApart(ciphertext: Uint8Array): FirstFields {
  const message = parseMessage(ciphertext)
  if (message.kind !== 'first') throw new Error('not a first message')
  return {
    version: 0x33,
    registrationId: 0,
    preKeyId: message.preKeyId ?? 0,
    signedPreKeyId: message.signedPreKeyId,
    baseKey: typedKey(message.baseKey),
    identityKey: typedKey(message.identityKey),
    message: message.message.bytes,
  }
}

export function takeApartLater(bytes: Uint8Array): LaterFields {
  const message = parseMessage(bytes)
  if (message.kind !== 'later') throw new Error('not a later message')
  const { counter, previousCounter } = message
  const head = encodeLater({
    ...emptyLater,
    ratchetKey: typedKey(message.ratchetKey),
    counter,
    previousCounter,
  })
  const rest = bytes.subarray(head.length - 1)
  const [length, used] = readVarint(rest)
  return {
    version: 0x33,
    ratchetKey: typedKey(message.ratchetKey),
    counter,
    previousCounter,
    ciphertext: rest.slice(used, used + length),
    mac: rest.slice(used + length),
  }
}

const none = new Uint8Array(0)
const emptyLater: LaterFields = {
  version: 0x33,
  ratchetKey: none,
  counter: 0,
  previousCounter: 0,
  ciphertext: none,
  mac: none,
}

function number(tag: number, value: number): Uint8Array {
  return Uint8Array.of(tag, ...varint(value))
}

function bytes(tag: number, value: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(tag, ...varint(value.length)), value)
}

export function varint(value: number): number[] {
  const rest = Math.floor(value / 128)
  return rest === 0 ? [value] : [(value % 128) + 128, ...varint(rest)]
}

function readVarint(from: Uint8Array): readonly [value: number, used: number] {
  let value = 0
  for (let i = 0; ; i++) {
    const byte = from[i] ?? 0
    value += (byte & 127) * 128 ** i
    if (byte < 128) return [value, i + 1]
  }
}
