import { assert, test } from '#test'
import { knockOut } from './support/knock-out.js'

test('no check of the cipher can be taken out without a test that notices', async () => {
  const { alive, total } = await knockOut('packages/signal')
  assert.deepEqual(alive, [])
  assert.isAbove(total, 60)
})
