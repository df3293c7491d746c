import fc from 'fast-check'
import { assert, test } from '#test'
import { bucketOf, equalBytes, frameVersion, limits, pad, toHex, unpad } from '@sotto/protocol'
import { filled } from './made.js'
import { refuses } from './refuses.js'
import { seed } from './seed.js'

/** 16 random bytes, the version, four of length. */
const head = 21

test('a content comes out of its frame as it went in', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 9000 }), (content) => {
      const frame = pad(content)
      assert.equal(frame.length, bucketOf(head + content.length))
      assert.isTrue(equalBytes(unpad(frame), content))
    }),
    { seed, numRuns: 200 },
  )
})

test('frames are 512 bytes, 1, 2, 4 KiB, then multiples of 4 KiB', () => {
  for (const [length, size] of [
    [0, 512],
    [512, 512],
    [513, 1024],
    [1024, 1024],
    [1025, 2048],
    [2048, 2048],
    [2049, 4096],
    [4096, 4096],
    [4097, 8192],
    [8193, 12_288],
    [65_536, 65_536],
  ] as const) {
    assert.equal(bucketOf(length), size)
  }
})

test('the longest content still has a frame, and no longer one has', () => {
  const longest = filled(limits.content, 1)
  assert.isTrue(equalBytes(unpad(pad(longest)), longest))
  assert.isAtMost(pad(longest).length, limits.frame)
  refuses(() => pad(new Uint8Array(limits.content + 1)), 'too-large')
})

test('each frame begins with other random bytes, so that no two frames are alike', () => {
  const content = filled(10, 1)
  const seen = new Set(Array.from({ length: 50 }, () => toHex(pad(content).subarray(0, 16))))
  assert.equal(seen.size, 50)
  assert.equal(toHex(pad(content).subarray(16)), toHex(pad(content).subarray(16)))
})

test('padding that is not zero is refused, wherever it stands', () => {
  for (const at of [head + 5, head + 6, 300, 511]) {
    for (const value of [1, 0x80, 0xff]) {
      const frame = pad(filled(5, 1))
      frame[at] = value
      refuses(() => unpad(frame), 'malformed', 'padding')
    }
  }
})

test('a frame has the size of its content’s bucket, and no other', () => {
  const frame = pad(filled(5, 1))
  for (const size of [0, 1, 20, 21, 511, 513, 1024, 4096]) {
    const other = new Uint8Array(size)
    other.set(frame.subarray(0, size))
    refuses(() => unpad(other), 'malformed')
  }
  const long = new Uint8Array(limits.frame + 4096)
  long.set(frame)
  refuses(() => unpad(long), 'malformed', 'frame')
})

test('a length that the frame does not have is refused', () => {
  for (const length of [492, 1000, 65_537, 0x8000_0000, 0xffff_ffff]) {
    const frame = pad(filled(5, 1))
    new DataView(frame.buffer).setUint32(17, length)
    refuses(() => unpad(frame), 'malformed', 'frame size')
  }
})

test('a content that is longer than may be is refused, though its frame has its size', () => {
  for (const length of [limits.content + 1, limits.content + 4096]) {
    const frame = new Uint8Array(bucketOf(head + length))
    assert.isAtMost(frame.length, limits.frame)
    frame[16] = frameVersion
    new DataView(frame.buffer).setUint32(17, length)
    refuses(() => unpad(frame), 'malformed', 'frame size')
  }
})

test('a frame of a version above ours is newer than us, one of version 0 is malformed', () => {
  const frame = pad(filled(5, 1))
  assert.equal(frame[16], frameVersion)
  for (const version of [2, 3, 255]) {
    frame[16] = version
    refuses(() => unpad(frame), 'unsupported-version', 'frame')
  }
  frame[16] = 0
  refuses(() => unpad(frame), 'malformed', 'frame')
})

test('what comes out is a copy, also of a view into a larger buffer', () => {
  const whole = new Uint8Array(600)
  whole.set(pad(filled(5, 1)), 40)
  const content = unpad(whole.subarray(40, 552))
  whole.fill(9)
  assert.equal(toHex(content), '0101010101')
})
