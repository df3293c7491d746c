import { probeKeyStorage, systemTime } from '@sotto/core/browser'
import { manualTime, memoryChannels, memoryStore } from '@sotto/core/memory'
import type { Row, Store } from '@sotto/core/ports'
import { SottoError } from '@sotto/protocol'
import { assert, test } from '#test'
import { channelSteps } from './channel-steps.js'
import { rejects } from './reject.js'

test('memory channels tell all others of a name, in order, and nobody after close', async () => {
  await channelSteps(memoryChannels(), 'test')
})

test('wakes sleepers in the order of time, and lets each do its work before the next', async () => {
  const time = manualTime(1000)
  const steps: string[] = []
  const sleeper = async (name: string, ms: number) => {
    await time.sleep(ms)
    steps.push(`${name} ${String(time.monotonic())}`)
    await time.sleep(1)
    steps.push(`${name} again ${String(time.now())}`)
  }
  void sleeper('late', 20)
  void sleeper('early', 10)
  await time.advance(5)
  assert.deepEqual(steps, [])
  await time.advance(100)
  assert.deepEqual(steps, ['early 10', 'early again 1011', 'late 20', 'late again 1021'])
  assert.equal(time.monotonic(), 105)
})

test('jumps the wall clock without waking anybody', async () => {
  const time = manualTime(1000)
  let woken = false
  void time.sleep(10).then(() => (woken = true))
  time.jump(-500)
  await time.settle()
  assert.deepEqual([time.now(), time.monotonic(), woken], [500, 0, false])
})

test('stops sleeping when it is told to', async () => {
  for (const time of [manualTime(), systemTime()]) {
    const stop = new AbortController()
    const sleeping = time.sleep(1000, stop.signal)
    stop.abort()
    await rejects(sleeping, 'aborted')
    await rejects(time.sleep(1, stop.signal), 'aborted')
  }
})

test('waits until something is so, and says when it never will be', async () => {
  const time = manualTime()
  let done = false
  void time.sleep(5000).then(() => (done = true))
  await time.until(() => done)
  assert.equal(time.monotonic(), 5000)
  await rejects(
    time.until(() => false),
    'wrong-argument',
  )
})

test('draws numbers below a bound, all of them, and repeats by seed', () => {
  for (const time of [manualTime(), systemTime()]) {
    const drawn = Array.from({ length: 400 }, () => time.random(5))
    assert.sameMembers([...new Set(drawn)], [0, 1, 2, 3, 4])
  }
  const draw = (seed: number) => {
    const time = manualTime(0, seed)
    return Array.from({ length: 20 }, () => time.random(1000))
  }
  assert.deepEqual(draw(1), draw(1))
  assert.notDeepEqual(draw(1), draw(2))
})

function changed(inner: Store, change: { get?: (row: Row) => Row; commit?: () => void }): Store {
  return {
    async get(table, key) {
      const row = await inner.get(table, key)
      return row && (change.get?.(row) ?? row)
    },
    list: (table, range) => inner.list(table, range),
    commit(changes) {
      if (changes.some((one) => one.kind === 'put')) change.commit?.()
      return inner.commit(changes)
    },
    close() {
      inner.close()
    },
    destroy: () => inner.destroy(),
  }
}

test('wraps keys where the platform gives null back, another key, or refuses to keep one', async () => {
  const left = async (store: Store) => store.list('probe', { from: '', to: '\uffff', limit: 9 })
  const fine = memoryStore()
  assert.equal(await probeKeyStorage(fine), 'crypto-key')
  assert.deepEqual(await left(fine), [])
  const agreement = (row: Row) => (row.value as CryptoKey).algorithm.name === 'X25519'
  const nulls = changed(fine, {
    get: (row) => (agreement(row) ? { ...row, value: null as unknown as CryptoKey } : row),
  })
  assert.equal(await probeKeyStorage(nulls), 'wrapped')
  const other = (await crypto.subtle.generateKey('X25519', false, ['deriveBits'])) as CryptoKeyPair
  const wrong = changed(fine, { get: (row) => (agreement(row) ? { ...row, value: other.privateKey } : row) })
  assert.equal(await probeKeyStorage(wrong), 'wrapped')
  const refusing = changed(fine, {
    commit() {
      throw new SottoError('no-crypto')
    },
  })
  assert.equal(await probeKeyStorage(refusing), 'wrapped')
  assert.deepEqual(await left(fine), [])
})

test('does not mistake a store that fails for a platform without keys', async () => {
  const full = changed(memoryStore(), {
    commit() {
      throw new SottoError('store-full')
    },
  })
  await rejects(probeKeyStorage(full), 'store-full')
})

test('who takes turns keeps nothing else from its own', async () => {
  const { turn } = systemTime()
  let isOver = false
  setTimeout(() => (isOver = true), 0)
  const until = performance.now() + 10_000
  while (!isOver && performance.now() < until) await turn?.()
  assert.isDefined(turn)
  assert.isTrue(isOver)
})
