import { openClient } from '@sotto/core'
import { systemTime } from '@sotto/core/browser'
import { memoryChannels, memoryLocks, memoryStore } from '@sotto/core/memory'
import { relayBackend } from '@sotto/core/relay'
import { createRelay } from '@sotto/relay'
import { createSignalCipher } from '@sotto/signal'
import { assert, test } from '#test'
import { SilentLink } from '../support/silent-link.js'
import { Site } from '../support/signing-site.js'
import type { TestContext } from '../support/test-body.js'
import { until } from '../support/until.js'

/** A client over a real relay and a link that may fall silent, and a page that may be seen again. What would take seconds takes none. */
async function online(context: TestContext) {
  const [link, site] = [await SilentLink.start(), new Site()]
  const relay = await createRelay({
    realm: site.realm,
    origin: link.url,
    database: ':memory:',
    tokens: { secret: site.secret },
  })
  link.to((await relay.listen({ host: '127.0.0.1', port: 0 })).url)
  const system = systemTime()
  const page = { wake: () => undefined as void, probes: 0, pauses: 0, late: [] as (() => void)[] }
  const client = await openClient({
    account: 'alice',
    realm: site.realm,
    backend: relayBackend({ url: link.url }),
    token: () => site.token('alice'),
    cipher: await createSignalCipher(),
    store: memoryStore(),
    locks: memoryLocks(),
    channels: memoryChannels(),
    name: 'test-alice',
    time: {
      now: () => system.now(),
      monotonic: () => system.monotonic(),
      // So that a pause between two tries is told from other waiting.
      random: (below) => Math.min(7, below - 1),
      sleep(ms, signal) {
        if (ms === 207) page.pauses++
        if (ms !== 5_000) return system.sleep(ms, signal)
        page.probes++
        return new Promise((resolve) => page.late.push(resolve))
      },
    },
    wakes: (wake) => {
      page.wake = wake
      return () => undefined
    },
  })
  context.after(async () => {
    await client.close()
    await link.close()
    await relay.close()
  })
  const states: string[] = []
  await until(() => client.state.value.name === 'online')
  client.state.subscribe(({ name }) => states.push(name))
  return { client, link, page, states }
}

test('a socket that died while the computer slept is found when the page is seen again, and another is opened at once', async (context) => {
  const { client, link, page, states } = await online(context)
  link.fallSilent()
  page.wake()
  await until(() => page.probes === 1)
  // Seen again meanwhile: one question is enough.
  page.wake()
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.equal(page.probes, 1)
  assert.equal(client.state.value.name, 'online', 'it may still answer')
  page.late[0]?.()
  await until(() => states.length > 1 && client.state.value.name === 'online')
  assert.deepEqual(
    states.filter((name) => name !== 'starting'),
    ['online', 'offline', 'online'],
  )
  assert.equal(page.pauses, 0)
})

test('a socket that answers is kept, however often the page is seen', async (context) => {
  const { client, page, states } = await online(context)
  for (let i = 1; i <= 3; i++) {
    page.wake()
    await until(() => page.probes === i)
    // A question is over when it is answered; then the next one is put.
    await new Promise((resolve) => setTimeout(resolve, 50))
    page.late[i - 1]?.()
  }
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.deepEqual(states, ['online'])
  assert.equal(client.state.value.name, 'online')
})
