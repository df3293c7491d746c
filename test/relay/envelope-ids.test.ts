import { openClient, type Client } from '@sotto/core'
import { systemTime } from '@sotto/core/browser'
import { MemoryDisk, memoryChannels, memoryLocks, memoryStore } from '@sotto/core/memory'
import { relayBackend } from '@sotto/core/relay'
import { SqliteStorage } from '@sotto/relay'
import { createSignalCipher } from '@sotto/signal'
import { toHex } from '@sotto/protocol'
import { assert, test } from '#test'
import { newEnvelopeId } from '../../packages/core/src/messages/envelope-id.js'
import { watch } from '../support/people.js'
import { until } from '../support/until.js'
import { RawRelay } from './raw-relay.js'

const unitMs = 64
const minuteMs = 60_000
const timeIn = (id: string): number => parseInt(id.slice(0, 10), 16) * unitMs

test('ids grow with the clock they are made by, and are as random without one', () => {
  const now = Date.UTC(2026, 0, 1)
  const ids = [0, 1, 100, 100_000, 1e12].map((later) => newEnvelopeId(now + later * unitMs))
  assert.deepEqual([...ids].sort(), ids)
  for (const id of [...ids, newEnvelopeId(undefined), newEnvelopeId(-5)]) assert.match(id, /^[0-9a-f]{32}$/)
  assert.equal(timeIn(newEnvelopeId(now)), now)
  assert.equal(timeIn(newEnvelopeId(-5)), 0)
  const many = (backendNow: number | undefined, from: number) =>
    new Set(Array.from({ length: 1_000 }, () => newEnvelopeId(backendNow).slice(from))).size
  assert.equal(many(now, 10), 1_000)
  assert.isAbove(many(undefined, 0), 999)
  // Its first two bytes are random, too.
  assert.isAbove(new Set(Array.from({ length: 1_000 }, () => newEnvelopeId(undefined).slice(0, 4))).size, 900)
})

test('what is sent is filed by the relay’s own clock: nobody learns how wrong a person’s clock is', async () => {
  const storage = SqliteStorage.open(':memory:')
  const relay = await RawRelay.start({ database: storage })
  const ahead = 180 * minuteMs
  relay.now = Date.now() + ahead
  const cipher = await createSignalCipher()
  const open = (account: string): Promise<Client> =>
    openClient({
      account,
      realm: relay.site.realm,
      backend: relayBackend({ url: relay.url }),
      token: () => relay.siteToken(account),
      cipher,
      store: memoryStore(new MemoryDisk()),
      locks: memoryLocks(),
      channels: memoryChannels(),
      time: systemTime(),
      name: `ids-${account}`,
    })
  const [alice, bob] = [await open('alice'), await open('bob')]
  try {
    await until(() => alice.state.value.name === 'online' && bob.state.value.name === 'online')
    const his = watch(bob, 'alice')
    for (const text of ['one', 'two', 'three']) await alice.conversation('bob').send(text)
    await until(() => his.texts().length === 3)
    const triples = await storage.read((rows) => rows.all<{ hash: Uint8Array }>('SELECT hash FROM triples'))
    assert.isAtLeast(triples.length, 3)
    for (const { hash } of triples) {
      const made = timeIn(toHex(new Uint8Array(hash)))
      assert.closeTo(made, relay.now, 10 * minuteMs)
    }
  } finally {
    await alice.close()
    await bob.close()
    await relay.stop()
  }
})
