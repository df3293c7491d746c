import { SottoError, compareReference, type Chain } from '@sotto/protocol'
import type { BackendClock } from '../backend-clock.js'
import type { Directory, Time } from '../ports/index.js'
import { checkBundle, type CheckedBundle, type OtherDevice, type Sessions } from '../sessions/sessions.js'
import type { Run } from '../store/rows.js'

/** Bundles by device, as far as they are needed and could be had. A device without one is skipped: it will see a gap. */
export type Bundles = ReadonlyMap<string, CheckedBundle>

/** Claims what is needed to write to `devices`, all of them from a verified list; `fresh`: in a new session in any case. Throws what says nothing about the device: `offline` and the like. */
export async function claimBundles(
  devices: readonly OtherDevice[],
  context: {
    readonly directory: Directory
    readonly sessions: Sessions
    readonly run: Run
    readonly time: Time
    readonly clock: BackendClock
    readonly warn: (error: SottoError) => void
  },
  fresh = false,
): Promise<Bundles> {
  const { directory, sessions, run, time, clock, warn } = context
  const bundles = new Map<string, CheckedBundle>()
  for (const other of devices) {
    const { account, device } = other.address
    if (!fresh && !(await run((rows) => sessions.needsBundle(rows, other.address, time.now())))) continue
    const answer = await directory.claim(account, device)
    if (answer === undefined) continue
    try {
      bundles.set(device, checkBundle(answer, other, clock.earliest))
    } catch (error) {
      if (!SottoError.is(error)) throw error
      warn(error)
    }
  }
  return bundles
}

/** Lists that the claimed bundles speak of and that are newer than the chain we know: to be fetched before anything is written. */
export function newerThan(chain: Chain, bundles: Bundles): CheckedBundle['newest'] | undefined {
  for (const { newest } of bundles.values()) {
    const standing = compareReference(newest, chain)
    if (standing === 'newer' || standing === 'fork') return newest
  }
  return undefined
}
