import { assert, test } from '#test'
import { twoPeople, watch } from '../support/people.js'

test('two people write to each other', async () => {
  const { world, alice, bob } = await twoPeople()
  const hers = watch(alice, 'bob')
  const his = watch(bob, 'alice')
  await alice.conversation('bob').send('Lunch?')
  await world.time.until(() => his.texts().length === 1)
  await bob.conversation('alice').send('At one')
  await world.time.until(() => hers.texts().length === 2)
  assert.deepEqual(his.texts(), ['< Lunch?', '> At one'])
  assert.deepEqual(hers.texts(), ['> Lunch?', '< At one'])
  await alice.close()
  await bob.close()
})
