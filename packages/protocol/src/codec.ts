import { equalBytes } from './bytes.js'
import { CborReader } from './cbor-reader.js'
import { CborWriter } from './cbor-writer.js'
import { check } from './errors.js'
import type { Shape } from './shape.js'

/** Deterministic CBOR (RFC 8949, section 4.2.1) with integer keys. Throws `malformed` for a value that its shape does not allow. */
export function encode<T>(shape: Shape<T>, value: T, expected?: number): Uint8Array {
  const writer = new CborWriter(expected)
  shape.write(writer, value)
  return writer.finish()
}

/**
 * Decoded means: at most `maxBytes`, the shape matches, and encoding again gives the same bytes, so that nothing has two encodings. The
 * reader accepts deterministic CBOR alone; the last check holds for shapes too. Throws `too-large`, `malformed`, or `unsupported-version` for
 * a tag that is newer than us.
 */
export function decode<T>(shape: Shape<T>, bytes: Uint8Array, maxBytes: number): T {
  const value = read(shape, bytes, maxBytes)
  check(equalBytes(encode(shape, value, bytes.length), bytes), 'malformed', { what: 'encoding' })
  return value
}

/**
 * Decodes by the reader alone, in half the time: for what is neither signed nor hashed nor kept as it came, so that a second encoding of it,
 * if there were one, would be nobody's gain. Throws as `decode`.
 */
export function read<T>(shape: Shape<T>, bytes: Uint8Array, maxBytes: number): T {
  check(bytes instanceof Uint8Array, 'malformed', { what: 'bytes' })
  check(bytes.length <= maxBytes, 'too-large', { limit: maxBytes })
  const reader = new CborReader(bytes)
  const value = shape.read(reader, 'value')
  check(reader.isDone, 'malformed', { what: 'rest' })
  return value
}
