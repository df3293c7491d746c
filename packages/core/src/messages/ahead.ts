import { SottoError, type StampedEnvelope } from '@sotto/protocol'
import type { Opened } from '../sessions/sessions.js'
import type { NestedRows, RowWriter } from '../store/rows.js'
import type { CheckedContent } from './check-content.js'

/** What was read of an envelope before it was judged. */
export interface Ready {
  readonly opened: Opened
  readonly checked: CheckedContent
}

/** What came of reading one ahead: what is wrong with it is not found out twice. */
export type ReadAhead = Ready | SottoError

/** Decrypts and checks one envelope on rows of its own. Rejects with what is wrong with it; `undefined`: it is not to be decrypted at all. */
export type Open = (rows: NestedRows, stamped: StampedEnvelope) => Promise<Ready | undefined>

/**
 * Decrypts what of a batch is likely to be good before any of it is judged: in order for each device, side by side for several. Each device ends
 * at the first that is not, and leaves the rest to be read when their turn comes. The sessions are stepped on `rows`, so that whoever
 * refuses one that was read ahead has to let go of `rows`, and of all that was judged on them.
 */
export async function openAhead(
  rows: RowWriter,
  batch: readonly StampedEnvelope[],
  open: Open,
): Promise<ReadonlyMap<StampedEnvelope, ReadAhead>> {
  const ready = new Map<StampedEnvelope, ReadAhead>()
  await Promise.all(
    byDevice(batch).map(async (all) => {
      const staged = rows.nest()
      const read = await openInOrder(staged, all, open)
      if (read.length === 0 || !isKept(staged)) return
      for (const [stamped, one] of read) ready.set(stamped, one)
    }),
  )
  return ready
}

async function openInOrder(
  rows: RowWriter,
  all: readonly StampedEnvelope[],
  open: Open,
): Promise<readonly (readonly [StampedEnvelope, ReadAhead])[]> {
  const read: (readonly [StampedEnvelope, ReadAhead])[] = []
  const ids = new Set<string>()
  for (const stamped of all) {
    // The second of one id is none that was read before, as long as the first is not judged.
    if (ids.has(stamped.envelope.id)) return read
    ids.add(stamped.envelope.id)
    const own = rows.nest()
    const one = await open(own, stamped).catch((error: unknown) => {
      if (!SottoError.is(error)) throw error
      return error
    })
    if (one === undefined || (!SottoError.is(one) && !isKept(own))) return read
    read.push([stamped, one])
    if (SottoError.is(one)) return read
  }
  return read
}

/** Two devices that use one prekey: what the second has read is read again after the first. */
function isKept(staged: NestedRows): boolean {
  try {
    staged.keep()
    return true
  } catch (error) {
    if (!SottoError.is(error, 'conflict')) throw error
    return false
  }
}

function byDevice(batch: readonly StampedEnvelope[]): readonly (readonly StampedEnvelope[])[] {
  const all = new Map<string, StampedEnvelope[]>()
  for (const stamped of batch) {
    if (stamped.from === undefined) continue
    const name = `${stamped.from.accountId}.${stamped.from.device}`
    all.set(name, [...(all.get(name) ?? []), stamped])
  }
  return [...all.values()]
}
