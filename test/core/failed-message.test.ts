import type { Backend, Connection } from '@sotto/core/ports'
import { assert, test } from '#test'
import { codeOf } from '../support/code-of.js'
import { losesAnswers } from '../support/lost-answers.js'
import { World, watch } from '../support/people.js'

/** Alice has written `one`, then `two`, which the backend will not have, then `three`. */
async function failed() {
  const world = await World.make()
  const alices = world.installation('alice')
  const state = { refuses: false, batches: 0 }
  const inner = world.network.backend(alices.link)
  const backend: Backend = (login) => {
    const parts = inner(login)
    const open = async (options: { readonly signal: AbortSignal }): Promise<Connection> => {
      const connection = await parts.transport.open(options)
      const send = connection.send.bind(connection)
      connection.send = async (batch) => {
        state.batches++
        return state.refuses ? { outcome: 'refused', code: 'too-large', lists: [], devices: [] } : send(batch)
      }
      return connection
    }
    return { ...parts, transport: { open } }
  }
  const alice = await world.online(await alices.open({ backend }))
  const bob = await world.person('bob')
  const [hers, his] = [watch(alice, 'bob'), watch(bob, 'alice')]
  await alice.conversation('bob').send('one')
  await world.time.until(() => his.texts().length === 1)
  await bob.conversation('alice').accept()
  await world.time.advance(60_000)
  state.refuses = true
  const { id } = await alice.conversation('bob').send('two')
  const stateOf = (text: string) =>
    hers.items.flatMap((one) => (one.kind === 'text' && one.text === text ? [one.state] : []))[0]
  await world.time.until(() => stateOf('two')?.name === 'failed')
  assert.deepEqual(stateOf('two'), { name: 'failed', code: 'too-large' })
  state.refuses = false
  await alice.conversation('bob').send('three')
  await world.time.until(() => his.texts().includes('< three'))
  const gaps = () =>
    his.items.flatMap((one) => (one.kind === 'gap' ? [{ count: one.count, gone: one.gone }] : []))
  return { world, alices, backend, alice, bob, his, hers, id, state, stateOf, gaps }
}

test('a message that failed waits for the person: nobody tries it by itself, what comes after it goes, and the other side sees a gap', async () => {
  const { world, his, gaps, stateOf } = await failed()
  await world.time.advance(10 * 60_000)
  assert.deepEqual(his.texts(), ['< one', '< three'])
  assert.deepEqual(gaps(), [{ count: 1, gone: false }])
  assert.deepEqual(stateOf('two'), { name: 'failed', code: 'too-large' })
})

for (const isOpenedAgain of [false, true])
  test(`a failed message is sent once, in its place, however often it is tried again, in two tabs${isOpenedAgain ? ', after both were closed' : ''}`, async () => {
    const { world, alices, backend, alice, his, hers, id, gaps } = await failed()
    if (isOpenedAgain) await alice.close()
    const first = isOpenedAgain ? await world.online(await alices.open({ backend })) : alice
    const second = await alices.open({ backend })
    const tries = [first, second, first, second].map((one) => one.conversation('bob').retry(id))
    for (const one of await Promise.allSettled(tries)) assert.equal(one.status, 'fulfilled')
    await world.time.until(() => his.texts().length === 3, 120_000)
    assert.deepEqual(his.texts(), ['< one', '< two', '< three'])
    assert.deepEqual(gaps(), [])
    // What was sent is not there to be tried any more.
    await world.time.advance(60_000)
    assert.equal(await codeOf(first.conversation('bob').retry(id)), 'not-found')
    await world.time.advance(60_000)
    assert.deepEqual(his.texts(), ['< one', '< two', '< three'])
    const shown = isOpenedAgain ? watch(first, 'bob') : hers
    await world.time.until(() => shown.texts().length === 3)
    assert.deepEqual(shown.texts(), ['> one', '> two', '> three'])
  })

test('a failed message whose answer is lost when it is tried again is there once', async () => {
  const { world, alices, alice, his, id, stateOf } = await failed()
  const back = losesAnswers(alices.link)
  await alice.conversation('bob').retry(id)
  await world.time.until(() => his.texts().includes('< two'))
  await world.time.until(() => alice.state.value.name === 'offline')
  back()
  await alice.conversation('bob').retry(id)
  await world.time.until(() => stateOf('two')?.name === 'delivered', 200_000)
  assert.deepEqual(his.texts(), ['< one', '< two', '< three'])
})

test('a failed message that is deleted is not sent, whoever asks for it: the other side learns that it will not come', async () => {
  const { world, alice, his, hers, id, gaps, state } = await failed()
  await alice.conversation('bob').remove(id)
  await world.time.until(() => hers.texts().length === 2)
  assert.equal(await codeOf(alice.conversation('bob').retry(id)), 'not-found')
  await world.time.until(() => gaps()[0]?.gone === true, 60 * 60_000)
  const { batches } = state
  await world.time.advance(60_000)
  assert.equal(state.batches, batches)
  assert.deepEqual(his.texts(), ['< one', '< three'])
  assert.deepEqual(hers.texts(), ['> one', '> three'])
})
