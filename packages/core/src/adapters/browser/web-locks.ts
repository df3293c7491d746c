import { SottoError } from '@sotto/protocol'
import type { HeldLock, Locks } from '@sotto/core/ports'

/** The browser's own locks (Web Locks API): shared by all tabs of an origin, freed when a tab dies. Throws `no-crypto` outside a secure context. */
export function webLocks(manager: LockManager | undefined = globalThis.navigator?.locks): Locks {
  if (manager === undefined) throw new SottoError('no-crypto')
  return {
    acquire: (name, { signal, steal = false }) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) {
          reject(new SottoError('aborted'))
          return
        }
        const lost = new AbortController()
        const held = (): Promise<void> =>
          new Promise((release) => {
            resolve(heldLock(lost, release))
          })
        // The API takes no signal together with `steal`, which does not wait anyway.
        manager.request(name, steal ? { steal } : { signal }, held).catch((cause: unknown) => {
          // Rejected after it was granted: stolen. Before: our signal.
          lost.abort()
          reject(
            signal.aborted ? new SottoError('aborted') : new SottoError('store-locked', undefined, { cause }),
          )
        })
      }),
  }
}

function heldLock(lost: AbortController, release: () => void): HeldLock {
  return {
    lost: lost.signal,
    release() {
      release()
      lost.abort()
    },
  }
}
