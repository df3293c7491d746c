import { assert, test } from '#test'
import { losesAnswers } from '../support/lost-answers.js'
import { World, watch } from '../support/people.js'

/** Alice has written to Bob. */
async function written() {
  const world = await World.make()
  const alices = world.installation('alice')
  const alice = await world.online(await alices.open())
  const bob = await world.person('bob')
  const [hers, his] = [watch(alice, 'bob'), watch(bob, 'alice')]
  await alice.conversation('bob').send('one')
  await world.time.until(() => his.texts().length === 1)
  return { world, alices, alice, bob, hers, his }
}

test('what was encrypted before a list changed, and whose answer was lost, is sent to whom it is for now, and stops nothing', async () => {
  const { world, alices, alice, bob, hers, his } = await written()
  await bob.conversation('alice').send('yes?')
  await world.time.until(() => hers.texts().length === 2)
  await world.time.advance(30_000)

  // The backend stores the next message, and the link is gone before it can say so.
  const back = losesAnswers(alices.link)
  await alice.conversation('bob').send('two')
  await world.time.until(() => his.texts().length === 3)
  await world.time.until(() => alice.state.value.name === 'offline')
  back()
  // Before she is back, a device of her own joins: she reads that list before she sends again.
  const second = await world.join(alices)
  await alice.conversation('bob').send('three')
  await world.time.until(() => his.texts().length === 4, 400_000)
  assert.deepEqual(his.texts(), ['< one', '> yes?', '< two', '< three'])
  const states = () => hers.items.flatMap((one) => (one.kind === 'text' && one.mine ? [one.state?.name] : []))
  await world.time.until(() => states().every((one) => one !== 'sending' && one !== 'waiting'), 400_000)
  const other = await world.online(await second.open())
  const there = watch(other, 'bob')
  await world.time.until(() => there.texts().length >= 2, 400_000)
  assert.includeMembers([...there.texts()], ['> two', '> three'])
})

test('who is blocked on one device is blocked on the others', async () => {
  const { world, alices, alice } = await written()
  const other = await world.online(await (await world.join(alices)).open())
  watch(other, 'bob')
  await alice.conversation('bob').send('two')
  const relation = other.conversation('bob').relation
  await world.time.until(() => relation.value === 'accepted', 400_000)
  await alice.conversation('bob').block()
  await world.time.until(() => relation.value === 'blocked', 400_000)
  await alice.conversation('bob').unblock()
  await world.time.until(() => relation.value === 'accepted', 400_000)
})

test('a message that is removed while its answer is on the way stays removed', async () => {
  const { world, alices, alice, hers, his } = await written()
  await world.time.advance(30_000)
  const { link } = alices
  const ask = link.ask.bind(link)
  let release = () => {}
  const released = new Promise<void>((resolve) => (release = resolve))
  link.ask = (question) =>
    ask(async () => {
      const answer = await question()
      await released
      return answer
    })
  const { id } = await alice.conversation('bob').send('two')
  await world.time.until(() => his.texts().length === 2)
  await alice.conversation('bob').remove(id)
  await world.time.until(() => hers.texts().length === 1)
  release()
  await alice.conversation('bob').send('three')
  await world.time.until(() => his.texts().length === 3)
  await world.time.advance(5_000)
  assert.deepEqual(hers.texts(), ['> one', '> three'])
})
