import { assert, test } from '#test'
import { run } from '@sotto/core'
import type { Backend, Time } from '@sotto/core/ports'
import { contentTypes, emptyExt, encodeBodyOf, sessionBody } from '@sotto/protocol'
import { enqueue, listOutbox } from '../../packages/core/src/messages/outbox.js'
import { World, watch } from '../support/people.js'
import { Post, lost } from '../support/post.js'

const dayMs = 86_400_000
const yearMs = 365 * dayMs

/** A clock that can be wrong. */
function wrongClock(time: Time) {
  const wrong = { aheadMs: 0 }
  const skewed: Time = {
    now: () => time.now() + wrong.aheadMs,
    monotonic: () => time.monotonic(),
    sleep: (ms, signal) => time.sleep(ms, signal),
    random: (below) => time.random(below),
  }
  return { wrong, skewed }
}

/** A backend that says with each connection what time it is, to a device whose clock is that far ahead. */
function telling(inner: Backend, wrong: { readonly aheadMs: number }): Backend {
  return (login) => {
    const parts = inner(login)
    return {
      ...parts,
      transport: {
        open: async (options) =>
          Object.assign(await parts.transport.open(options), { aheadMs: -wrong.aheadMs }),
      },
    }
  }
}

/** Alice, whose clock can be wrong, and Bob, to whom messages get lost; both know each other. */
async function withLosses() {
  const world = await World.make()
  const { time } = world
  const { wrong, skewed } = wrongClock(time)
  const post = new Post()
  const [hers, his] = [world.installation('alice'), world.installation('bob')]
  const backend = telling(world.network.backend(hers.link), wrong)
  const alice = await world.online(await hers.open({ backend, time: skewed }))
  const bob = await world.online(await his.open({ backend: post.over(world.network.backend(his.link)) }))
  const seen = watch(bob, 'alice')
  const shows = (text: string) => time.until(() => seen.texts().includes(`< ${text}`), 400_000)
  const says = async (text: string) => {
    await alice.conversation('bob').send(text)
    await shows(text)
  }
  const loses = async (text: string) => {
    const loss = post.next(lost)
    await alice.conversation('bob').send(text)
    await time.until(() => loss.done)
  }
  /** Turns the clock, and connects again. */
  const turn = async (aheadMs: number) => {
    wrong.aheadMs = aheadMs
    hers.link.down()
    await time.until(() => alice.state.value.name === 'offline')
    hers.link.up()
    await world.online(alice)
  }
  await says('zero')
  await bob.conversation('alice').accept()
  await time.advance(600_000)
  return { time, seen, shows, says, loses, turn }
}

/** Two people, one of whom has a clock that can be wrong. */
async function withWrongClock() {
  const world = await World.make()
  const { time } = world
  const { wrong, skewed } = wrongClock(time)
  const alice = await world.online(await world.installation('alice').open({ time: skewed }))
  const bob = await world.person('bob')
  const [hers, his] = [watch(alice, 'bob'), watch(bob, 'alice')]
  const says = async (who: typeof alice, whom: string, text: string) => {
    await who.conversation(whom).send(text)
    await time.until(() => [hers, his].every((one) => one.texts().some((shown) => shown.endsWith(text))))
  }
  return { time, wrong, alice, bob, his, says }
}

test('what a device says whose clock is a year ahead is shown where it came, and not at the end for a year', async () => {
  const { time, wrong, alice, bob, his, says } = await withWrongClock()
  await says(alice, 'bob', 'zero')
  await says(bob, 'alice', 'one')
  wrong.aheadMs = yearMs
  await says(alice, 'bob', 'two')
  await says(alice, 'bob', 'three')
  await time.advance(600_000)
  await says(bob, 'alice', 'four')
  assert.deepEqual(his.texts(), ['< zero', '> one', '< two', '< three', '> four'])
})

test('the site is warned once of a clock that is wrong, and again when it is wrong again', async () => {
  const world = await World.make()
  const { time } = world
  const { wrong, skewed } = wrongClock(time)
  const place = world.installation('alice')
  const inner = world.network.backend(place.link)
  const backend: Backend = (login) => {
    const parts = inner(login)
    const open = async (options: { readonly signal: AbortSignal }) =>
      Object.assign(await parts.transport.open(options), { aheadMs: -wrong.aheadMs })
    return { ...parts, transport: { open } }
  }
  const alice = await world.online(await place.open({ backend, time: skewed }))
  const warned: unknown[] = []
  alice.addEventListener('warning', ({ error }) => warned.push([error.code, error.details]))
  const reconnect = async (aheadMs: number) => {
    wrong.aheadMs = aheadMs
    place.link.down()
    await time.until(() => alice.state.value.name === 'offline')
    place.link.up()
    await time.until(() => alice.state.value.name === 'online')
  }
  const minuteMs = 60_000
  await reconnect(5 * minuteMs)
  assert.deepEqual(warned, [])
  await reconnect(6 * minuteMs)
  await reconnect(6 * minuteMs)
  assert.deepEqual(warned, [['wrong-clock', { aheadMs: -6 * minuteMs }]])
  await reconnect(0)
  await reconnect(-dayMs)
  assert.deepEqual(warned.slice(1), [['wrong-clock', { aheadMs: dayMs }]])
})

test('what waits because no key of the other side can be used uses no number up, however often it is tried', async () => {
  const { time, wrong, alice, his, says } = await withWrongClock()
  wrong.aheadMs = yearMs
  await alice.conversation('bob').send('one')
  // To her all keys have expired.
  for (let i = 0; i < 3; i++) {
    alice.reconnect()
    await time.advance(60_000)
  }
  assert.deepEqual(his.texts(), [])
  wrong.aheadMs = 0
  alice.reconnect()
  await says(alice, 'bob', 'two')
  assert.deepEqual(
    his.items.map(({ kind }) => kind),
    ['text', 'text'],
  )
})

test('what did not come while a clock was days ahead is asked for once the clock is right, and not days later', async () => {
  const world = await World.make()
  const { time } = world
  const { wrong, skewed } = wrongClock(time)
  const post = new Post()
  const alice = await world.person('alice')
  const place = world.installation('bob')
  const backend = post.over(world.network.backend(place.link))
  const bob = await world.online(await place.open({ backend, time: skewed }))
  const his = watch(bob, 'alice')
  const shows = (text: string) => time.until(() => his.texts().some((shown) => shown.endsWith(text)), 200_000)
  await alice.conversation('bob').send('zero')
  await shows('zero')
  await bob.conversation('alice').accept()
  await time.advance(600_000)

  wrong.aheadMs = 3 * dayMs
  const one = post.next(lost)
  await alice.conversation('bob').send('one')
  await time.until(() => one.done)
  await alice.conversation('bob').send('two')
  await shows('two')
  assert.isFalse(his.texts().some((shown) => shown.endsWith('one')))
  wrong.aheadMs = 0
  bob.reconnect()
  await shows('one')
})

test('what was put off by a clock that was days ahead goes out once the clock is right', async () => {
  const world = await World.make()
  const { time } = world
  const alice = await world.person('alice')
  const place = world.installation('bob')
  const bob = await world.online(await place.open())
  const his = watch(bob, 'alice')
  await alice.conversation('bob').send('zero')
  await time.until(() => his.texts().length === 1)
  await bob.conversation('alice').accept()
  await time.advance(600_000)
  const store = await place.sealed()
  const waiting = async () => (await run(store, (rows) => listOutbox(rows))).length
  assert.equal(await waiting(), 0)
  await run(store, async (rows) => {
    enqueue(rows, {
      account: 'alice',
      type: contentTypes.session.type,
      body: encodeBodyOf(sessionBody, { ext: emptyExt }),
      clock: { ms: time.now(), logical: 0 },
      notBefore: time.now() + 3 * dayMs,
    })
  })
  assert.equal(await waiting(), 1)
  bob.reconnect()
  await time.until(async () => (await waiting()) === 0, 200_000)
})

for (const [when, aheadMs] of [
  ['ahead', yearMs],
  ['behind', -yearMs],
] as const) {
  test(`what did not come is sent again by a device whose clock has since gone to a year ${when}: it is not old`, async () => {
    const { time, shows, says, loses, turn, seen } = await withLosses()
    await loses('one')
    await turn(aheadMs)
    await says('two')
    await shows('one')
    assert.isFalse(seen.items.some(({ kind }) => kind === 'gap'))
    await time.advance(1_000)
  })

  test(`what was sent by a clock that was a year ${when}, and did not come, is sent again when it is right`, async () => {
    const { shows, says, loses, turn } = await withLosses()
    await turn(aheadMs)
    await loses('one')
    await turn(0)
    await says('two')
    await shows('one')
  })
}

test('a clock that was a year ahead for a while has nothing forgotten that may be asked for', async () => {
  const { shows, says, loses, turn } = await withLosses()
  await loses('one')
  // It sets the clock of her messages for good.
  await turn(yearMs)
  const texts = Array.from({ length: 20 }, (_, i) => `number ${i}`)
  // The question for what is lost waits for a minute.
  for (const text of texts) await says(text)
  await turn(0)
  await shows('one')
})

test('what is really old is not sent again, whatever the clock of its sender says', async () => {
  const { time, says, loses, turn, seen } = await withLosses()
  await loses('one')
  time.jump(32 * dayMs)
  await turn(0)
  await says('two')
  await time.until(() => seen.items.some((one) => one.kind === 'gap' && one.gone), 400_000)
})

test('a question stands although the clock was a year ahead for a while', async () => {
  const world = await World.make()
  const { time } = world
  const { wrong, skewed } = wrongClock(time)
  const post = new Post()
  const alice = await world.person('alice')
  const place = world.installation('bob')
  const bob = await world.online(
    await place.open({ backend: post.over(world.network.backend(place.link)), time: skewed }),
  )
  const his = watch(bob, 'alice')
  const shows = (text: string) => time.until(() => his.texts().includes(`< ${text}`), 400_000)
  await alice.conversation('bob').send('zero')
  await shows('zero')
  await bob.conversation('alice').accept()
  await time.advance(600_000)
  // All of it is lost for a while.
  post.rule = (stamped) => (stamped.envelope.body.length > 3_000 ? 'lost' : stamped)
  await alice.conversation('bob').send('x'.repeat(3_000))
  await alice.conversation('bob').send('two')
  await shows('two')
  await time.advance(80_000)
  const again = async () => {
    place.link.down()
    await time.until(() => bob.state.value.name === 'offline')
    place.link.up()
    await world.online(bob)
  }
  wrong.aheadMs = yearMs
  await again()
  await time.advance(20_000)
  wrong.aheadMs = 0
  post.rule = (stamped) => stamped
  await again()
  await shows('x'.repeat(3_000))
})
