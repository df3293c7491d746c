import { SottoError } from '@sotto/protocol'
import type { HeldLock, Locks } from '@sotto/core/ports'

interface Waiting {
  grant(): void
}

/** Locks for everything that is given this object: clients in one process. */
export function memoryLocks(): Locks {
  return new MemoryLocks()
}

class MemoryLocks implements Locks {
  readonly #held = new Map<string, Held>()
  readonly #queues = new Map<string, Set<Waiting>>()

  acquire(
    name: string,
    { signal, steal = false }: { signal: AbortSignal; steal?: boolean },
  ): Promise<HeldLock> {
    if (signal.aborted) return Promise.reject(new SottoError('aborted'))
    const held = this.#held.get(name)
    if (held === undefined) return Promise.resolve(this.#hold(name))
    if (steal) {
      held.lose()
      return Promise.resolve(this.#hold(name))
    }
    return new Promise((resolve, reject) => {
      const queue = this.#queues.get(name) ?? new Set()
      this.#queues.set(name, queue)
      const waiting: Waiting = {
        grant: () => {
          signal.removeEventListener('abort', abort)
          resolve(this.#hold(name))
        },
      }
      const abort = () => {
        queue.delete(waiting)
        reject(new SottoError('aborted'))
      }
      signal.addEventListener('abort', abort, { once: true })
      queue.add(waiting)
    })
  }

  #hold(name: string): HeldLock {
    const held = new Held(() => {
      if (this.#held.get(name) !== held) return
      this.#held.delete(name)
      const [next] = this.#queues.get(name) ?? []
      if (next === undefined) return
      this.#queues.get(name)?.delete(next)
      next.grant()
    })
    this.#held.set(name, held)
    return held
  }
}

class Held implements HeldLock {
  readonly #lost = new AbortController()
  readonly #free: () => void

  constructor(free: () => void) {
    this.#free = free
  }

  get lost(): AbortSignal {
    return this.#lost.signal
  }

  lose(): void {
    this.#lost.abort()
  }

  release(): void {
    this.#free()
    this.#lost.abort()
  }
}
