import { openClient, type Client } from '@sotto/core'
import { systemTime } from '@sotto/core/browser'
import { MemoryDisk, memoryChannels, memoryLocks, memoryStore } from '@sotto/core/memory'
import { relayBackend } from '@sotto/core/relay'
import { createRelay } from '@sotto/relay'
import { createSignalCipher } from '@sotto/signal'
import { assert, test } from '#test'
import { watch } from '../support/people.js'
import { Site } from '../support/signing-site.js'
import { until } from '../support/until.js'

test('two people write to each other through a real relay', async () => {
  const site = new Site()
  const { realm, secret } = site
  const relay = await createRelay({ realm, database: ':memory:', tokens: { secret } })
  const { url } = await relay.listen({ host: '127.0.0.1', port: 0 })
  const cipher = await createSignalCipher()
  const open = (account: string): Promise<Client> =>
    openClient({
      account,
      realm,
      backend: relayBackend({ url }),
      token: () => site.token(account),
      cipher,
      store: memoryStore(new MemoryDisk()),
      locks: memoryLocks(),
      channels: memoryChannels(),
      time: systemTime(),
      name: `test-${account}`,
    })
  const alice = await open('alice')
  const bob = await open('bob')
  try {
    await until(() => alice.state.value.name === 'online' && bob.state.value.name === 'online')
    const hers = watch(alice, 'bob')
    const his = watch(bob, 'alice')
    await alice.conversation('bob').send('Lunch?')
    await until(() => his.texts().length === 1)
    await bob.conversation('alice').send('At one')
    await until(() => hers.texts().length === 2)
    assert.deepEqual(his.texts(), ['< Lunch?', '> At one'])
  } finally {
    await alice.close()
    await bob.close()
    await relay.close()
  }
})
