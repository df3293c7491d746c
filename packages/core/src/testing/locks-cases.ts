import type { HeldLock, Locks } from '../ports/index.js'
import { expect, expectEqual, expectRejection, type Case } from './case.js'

/** What `Locks` promise. `make` gives two holders of the same locks, as two tabs have them. */
export function locksCases(make: () => readonly [Locks, Locks]): readonly Case[] {
  const cases: Case[] = []
  const add = (
    name: string,
    run: (locks: readonly [Locks, Locks], lock: string, signal: AbortSignal) => Promise<void>,
  ) => {
    cases.push({
      name,
      async run() {
        const stop = new AbortController()
        const lock = `sotto-case-${globalThis.crypto.randomUUID()}`
        try {
          await run(make(), lock, stop.signal)
        } finally {
          stop.abort()
        }
      },
    })
  }

  add('gives a lock to one at a time, in the order of asking', async ([a, b], name, signal) => {
    const order: string[] = []
    const first = await a.acquire(name, { signal })
    const waiting = ['second', 'third'].map(async (who, i) => {
      const lock = await [b, a][i]?.acquire(name, { signal })
      order.push(who)
      return lock
    })
    await turn()
    expectEqual(order, [], 'who has the lock beside its holder')
    first.release()
    const second = await waiting[0]
    await turn()
    expectEqual(order, ['second'], 'who has it then')
    second?.release()
    ;(await waiting[1])?.release()
    expectEqual(order, ['second', 'third'], 'the order')
  })

  add('keeps locks of other names apart', async ([a, b], name, signal) => {
    const one = await a.acquire(name, { signal })
    const other = await b.acquire(`${name}-other`, { signal })
    one.release()
    other.release()
  })

  add('tells the holder when its lock is stolen', async ([a, b], name, signal) => {
    const victim = await a.acquire(name, { signal })
    expectEqual(victim.lost.aborted, false, 'whether a held lock is lost')
    const thief = await b.acquire(name, { signal, steal: true })
    await aborted(victim.lost)
    expectEqual(thief.lost.aborted, false, 'whether the stolen lock is lost')
    // The victim's release frees nothing that is not its own.
    victim.release()
    let next: HeldLock | undefined
    const waiting = a.acquire(name, { signal }).then((lock) => (next = lock))
    await turn()
    expect(next === undefined, 'the thief to hold the lock still')
    thief.release()
    ;(await waiting).release()
  })

  add('steals a lock that nobody holds', async ([a], name, signal) => {
    const lock = await a.acquire(name, { signal, steal: true })
    expectEqual(lock.lost.aborted, false, 'whether it is lost')
    lock.release()
    expectEqual(lock.lost.aborted, true, 'whether it is lost after release')
  })

  add('lets go of one that waits when it is told to', async ([a, b], name, signal) => {
    const held = await a.acquire(name, { signal })
    const gone = new AbortController()
    const waiting = b.acquire(name, { signal: gone.signal })
    gone.abort()
    await expectRejection(waiting, 'aborted', 'the one that waited')
    const next = b.acquire(name, { signal })
    held.release()
    ;(await next).release()
    await expectRejection(
      a.acquire(name, { signal: AbortSignal.abort() }),
      'aborted',
      'one that was told before',
    )
  })

  return cases
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20))

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
