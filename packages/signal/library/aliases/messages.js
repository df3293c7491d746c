// Instead of the library's generated code: its two messages, on the wire as they always were.
import { Reader, Writer } from './protobuf.js'

/**
 * A message is a list of [field number, wire type, name], in the order in which it is written. Wire type 0 is
 * a number, 2 are bytes.
 */
function message(fields) {
  const numbers = Object.fromEntries(fields.filter(([, type]) => type === 0).map(([, , name]) => [name, 0]))
  const byTag = new Map(fields.map(([field, type, name]) => [(field << 3) | type, { type, name }]))
  return {
    fromJSON() {
      return { ...numbers }
    },

    encode(value) {
      const writer = new Writer()
      for (const [tag, { type, name }] of byTag) {
        writer.uint32(tag)
        if (type === 0) writer.uint32(value[name])
        else writer.bytes(value[name])
      }
      return writer
    },

    decode(bytes) {
      const reader = new Reader(bytes)
      const value = { ...numbers }
      while (!reader.done) {
        const field = byTag.get(reader.uint32())
        if (field === undefined) throw new RangeError('an unknown field')
        value[field.name] = field.type === 0 ? reader.uint32() : reader.bytes()
      }
      return value
    },
  }
}

export const WhisperMessage = message([
  [1, 2, 'ephemeralKey'],
  [2, 0, 'counter'],
  [3, 0, 'previousCounter'],
  [4, 2, 'ciphertext'],
])

export const PreKeyWhisperMessage = message([
  [5, 0, 'registrationId'],
  [1, 0, 'preKeyId'],
  [6, 0, 'signedPreKeyId'],
  [2, 2, 'baseKey'],
  [3, 2, 'identityKey'],
  [4, 2, 'message'],
])
