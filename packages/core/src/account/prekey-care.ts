import { limits } from '@sotto/protocol'
import type { Directory, SessionCipher } from '../ports/index.js'
import { makeFreshKeys, newestSignedPreKey, putPreKeys, signedPreKeysDue } from '../sessions/prekeys.js'
import type { Run } from '../store/rows.js'
import type { OwnDevice } from './own-device.js'

/** Prekeys are made up to this many, always a multiple of it, so that the count says nothing about who wrote. */
const batchSize = 100

/**
 * Sees to this device's prekeys at the backend: one-time prekeys where fewer than 20 are left, a signed prekey every two days of use or
 * where the backend hands out another than our newest. Private halves are stored before anything is published.
 */
export async function tendPreKeys(
  own: OwnDevice,
  {
    directory,
    cipher,
    run,
    now,
  }: {
    readonly directory: Directory
    readonly cipher: SessionCipher
    readonly run: Run
    /** By the backend's clock, where it says what that is: it takes none that has expired by it. */
    readonly now: () => number
  },
): Promise<void> {
  const count = await directory.countKeys()
  const signed = await run((rows) => signedPreKeysDue(rows, count.signedPreKey, now()))
  const one = count.preKeys < limits.preKeysLow ? batchSize : 0
  if (signed === 0 && one === 0) {
    const newest = await run(newestSignedPreKey)
    // The backend lost or never got our newest: the same bytes go again.
    if (newest !== undefined && newest.id !== count.signedPreKey) {
      await directory.publishKeys({ signedPreKey: newest.published, preKeys: [] })
    }
    return
  }
  const fresh = await makeFreshKeys(cipher, own, signed, one)
  const upload = await run((rows) => putPreKeys(rows, own, fresh, now()))
  await directory.publishKeys(upload)
}
