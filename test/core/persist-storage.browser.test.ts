import { persistStorage } from '@sotto/core/browser'
import { connect } from 'sotto'
import { assert, test } from '#test'
import { World, realm, watch } from '../support/people.js'
import type { TestContext } from '../support/test-body.js'
import { until } from '../support/until.js'

type Answer = () => Promise<boolean>

/** What the browser answers, and how often it was asked. */
function browserSays(
  { after }: TestContext,
  persist: Answer | undefined,
  persisted: Answer = async () => false,
) {
  const asked = { times: 0 }
  const count = () => {
    asked.times++
    return persist?.()
  }
  const value = persist === undefined ? {} : { persist: count, persisted }
  Object.defineProperty(navigator, 'storage', { value, configurable: true })
  after(() => delete (navigator as { storage?: unknown }).storage)
  return asked
}

test('asks the browser to keep the store once, when the person has first accepted or written, and not when the page is opened', async (context) => {
  const asked = browserSays(context, async () => true)
  const world = await World.make()
  const bob = await world.person('bob')
  for (const first of ['accept', 'write']) {
    asked.times = 0
    const account = `alice-${crypto.randomUUID()}`
    const relay = world.network.backend()
    const client = await connect({ account, realm, relay, token: async () => world.network.token(account) })
    context.after(() => client.close())
    await until(() => client.state.value.name === 'online')
    await bob.conversation(account).send('from a stranger')
    const hers = watch(client, 'bob')
    await world.time.until(() => hers.texts().length === 1)
    assert.equal(asked.times, 0)
    if (first === 'accept') await client.conversation('bob').accept()
    else await client.conversation('bob').send('hello')
    await until(() => asked.times === 1)
    await client.conversation('bob').send('hello again')
    await world.time.settle()
    assert.equal(asked.times, 1)
  }
})

test('takes any answer: yes, no, none, an error, a browser that does not know the question', async (context) => {
  const yes = async () => true
  const no = async () => false
  browserSays(context, yes)
  assert.isTrue(await persistStorage())
  browserSays(context, no)
  assert.isFalse(await persistStorage())
  browserSays(context, () => Promise.reject(new TypeError('not here')))
  assert.isFalse(await persistStorage())
  browserSays(context, undefined)
  assert.isFalse(await persistStorage())
})

test('does not ask again where storage stays already', async (context) => {
  const asked = browserSays(
    context,
    async () => true,
    async () => true,
  )
  assert.isTrue(await persistStorage())
  assert.equal(asked.times, 0)
})
