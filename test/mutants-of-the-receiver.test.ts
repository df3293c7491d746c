import { assert, test } from '#test'
import { knockOut } from './support/knock-out.js'

test('no check of the receiver, the sessions and the lists of others can be taken out without a test that notices', async () => {
  const { alive, total } = await knockOut('packages/core')
  assert.deepEqual(alive, [])
  assert.isAbove(total, 15)
})
