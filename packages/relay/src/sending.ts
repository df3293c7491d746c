import { hash } from 'node:crypto'
import type { Batch, Envelope } from '@sotto/protocol'
import type { Caller } from './login-tokens.js'

const tripleBytes = 16
const growingBytes = 5

/** A batch that somebody sends, and its envelopes, each with its body and what tells it from all others. */
export interface Sending {
  readonly caller: Caller
  readonly batch: Batch
  readonly envelopes: readonly Addressed[]
}

export interface Addressed {
  readonly envelope: Envelope
  readonly device: string
  readonly accountId: string
  /** 16 bytes that tell it from every other: see `tripleOf`. */
  readonly triple: Uint8Array
  /** The same, to look it up by. */
  readonly key: string
}

export function sendingOf(caller: Caller, batch: Batch): Sending {
  const envelopes: Addressed[] = []
  for (const { id, to, body, shared, ext } of batch.envelopes) {
    const bytes = body ?? batch.shared[shared ?? 0]
    if (to.type !== 'address' || bytes === undefined) continue
    const { device, accountId } = to.address
    const triple = tripleOf(caller.device, device, id)
    const envelope = { v: 1, id, to, body: bytes, ext }
    envelopes.push({ envelope, device, accountId, triple, key: keyOf(triple) })
  }
  return { caller, batch, envelopes }
}

/**
 * What tells an envelope from every other, and says nothing of who wrote to whom: the beginning of its id, which grows with our clock where a
 * client makes it so, so that an index of many of them grows at its end; then a hash over sending device, receiving device and the id.
 */
function tripleOf(from: string, to: string, id: string): Uint8Array {
  const triple = hash('sha256', `${from} ${to} ${id}`, 'buffer').subarray(0, tripleBytes)
  triple.write(id, 0, growingBytes, 'hex')
  return triple
}

/** A triple as a string. */
export const keyOf = (triple: Uint8Array): string =>
  Buffer.from(triple.buffer, triple.byteOffset, triple.length).toString('latin1')
