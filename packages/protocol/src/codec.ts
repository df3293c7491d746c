import { decode as decodeCbor, encode as encodeCbor, rfc8949EncodeOptions } from 'cborg'
import { equalBytes } from './bytes.js'
import { SottoError, check } from './errors.js'
import type { Cbor, Shape } from './shape.js'

/** Deterministic CBOR (RFC 8949, section 4.2.1) with integer keys. */
export function encode<T>(shape: Shape<T>, value: T): Uint8Array {
  // A copy: in Node cborg answers a `Buffer`, whose `slice` shares its bytes and whose memory is a pool that others use.
  return new Uint8Array(encodeCbor(shape.to(value), rfc8949EncodeOptions))
}

/**
 * Decoded means: at most `maxBytes`, the shape matches, and encoding again gives the same bytes, so that nothing has two encodings.
 * Throws `too-large`, `malformed`, or `unsupported-version` for a tag that is newer than us.
 */
export function decode<T>(shape: Shape<T>, bytes: Uint8Array, maxBytes: number): T {
  check(bytes.length <= maxBytes, 'too-large', { limit: maxBytes })
  let value: Cbor
  try {
    value = decodeCbor(bytes, {
      useMaps: true,
      strict: true,
      allowIndefinite: false,
      allowUndefined: false,
      allowInfinity: false,
      allowNaN: false,
      allowBigInt: false,
      rejectDuplicateMapKeys: true,
    }) as Cbor
  } catch (cause) {
    throw new SottoError('malformed', { what: 'cbor' }, { cause })
  }
  const result = shape.from(value, 'value')
  check(equalBytes(encodeCbor(shape.to(result), rfc8949EncodeOptions), bytes), 'malformed', { what: 'encoding' })
  return result
}
