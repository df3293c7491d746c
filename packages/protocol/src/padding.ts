import { randomBytes } from './bytes.js'
import { check } from './errors.js'
import { limits } from './limits.js'

const randomLength = 16
const headLength = randomLength + 1 + 4

/** Frame version 1. Others are newer than us. */
export const frameVersion = 1

/** Sizes that a frame may have, in bytes: 512, 1, 2, 4 KiB, then multiples of 4 KiB. */
export function bucketOf(length: number): number {
  for (const size of [512, 1024, 2048]) if (length <= size) return size
  return Math.ceil(length / 4096) * 4096
}

/**
 * The plaintext of an envelope: 16 fresh random bytes (a rolled-back ratchet repeats key and IV, and must show nothing), the frame version
 * (1 byte), the content's length (4 bytes, big-endian), the content, and zeros up to the bucket. Throws `too-large`.
 */
export function pad(content: Uint8Array): Uint8Array {
  check(content.length <= limits.content, 'too-large', { limit: limits.content })
  const frame = new Uint8Array(bucketOf(headLength + content.length))
  frame.set(randomBytes(randomLength))
  frame[randomLength] = frameVersion
  new DataView(frame.buffer).setUint32(randomLength + 1, content.length)
  frame.set(content, headLength)
  return frame
}

/** The content of a frame. Throws `malformed` for a wrong size or padding that is not zero, `unsupported-version` for a newer frame. */
export function unpad(frame: Uint8Array): Uint8Array {
  check(frame.length >= headLength && frame.length <= limits.frame, 'malformed', { what: 'frame' })
  check(frame[randomLength] !== 0, 'malformed', { what: 'frame' })
  check(frame[randomLength] === frameVersion, 'unsupported-version', { what: 'frame' })
  const length = new DataView(frame.buffer, frame.byteOffset, frame.byteLength).getUint32(randomLength + 1)
  check(length <= limits.content && frame.length === bucketOf(headLength + length), 'malformed', {
    what: 'frame size',
  })
  check(
    frame.subarray(headLength + length).every((byte) => byte === 0),
    'malformed',
    { what: 'padding' },
  )
  return new Uint8Array(frame.subarray(headLength, headLength + length))
}
