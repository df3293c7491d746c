import {
  emptyExt,
  encodeRelayFrame,
  encodeStampedEnvelope,
  randomBytes,
  toHex,
  type StampedEnvelope,
} from '@sotto/protocol'
import { assert, test } from '#test'
import { deliverFrame } from '../../packages/relay/src/deliver-frame.js'

test('a frame around an envelope that is encoded already is what the encoder of frames makes', () => {
  const stamped: StampedEnvelope = {
    envelope: {
      v: 1,
      id: toHex(randomBytes(16)),
      to: { type: 'mailbox', mailbox: randomBytes(16) },
      body: randomBytes(700),
      ext: emptyExt,
    },
    at: 1_800_000_000_000,
  }
  const encoded = encodeStampedEnvelope(stamped)
  const edges = [0, 23, 24, 255, 256, 65_535, 65_536, 4_294_967_295, 4_294_967_296, Number.MAX_SAFE_INTEGER]
  for (const delivery of edges) {
    const expected = encodeRelayFrame({ type: 'deliver', delivery, stamped })
    assert.deepEqual(toHex(deliverFrame(delivery, encoded)), toHex(expected), String(delivery))
  }
})
