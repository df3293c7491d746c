import { assert, test } from '#test'
import { toHex, unpad, fromHex, concatBytes } from '@sotto/protocol'
import { goldenBytes } from './golden-bytes.js'
import { goldenObjects } from './golden-objects.js'
import { filled } from './made.js'
import { wireObjects } from './wire-objects.js'

test('every object is written as version 1 writes it, byte for byte', async () => {
  const objects = await goldenObjects()
  assert.sameMembers(Object.keys(objects), Object.keys(goldenBytes))
  for (const [name, hex] of Object.entries(objects)) assert.equal(hex, goldenBytes[name], name)
})

for (const { name, bytes, readAndWrite } of wireObjects) {
  test(`the bytes of version 1 are read, and written again as they were: ${name}`, () => {
    assert.equal(toHex(readAndWrite(bytes)), toHex(bytes))
  })
}

test('the bytes of version 1 are read, and written again as they were: frame', () => {
  const frame = concatBytes(filled(16, 0), fromHex(goldenBytes['frame after its random bytes'] ?? ''))
  assert.equal(toHex(unpad(frame)), goldenBytes['content'])
})
