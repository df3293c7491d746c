import type { Sender } from '@sotto/protocol'
import { envelopeTime } from './envelope-id.js'
import { sortable, type RowReader, type RowWriter } from '../store/rows.js'
import { readEnvelopeRows, tripleAgeRows, tripleRows, triplesInRow, type Triple } from '../store/tables.js'

type Device = Pick<Sender, 'accountId' | 'device'>

const deviceKey = ({ accountId, device }: Device) => `${accountId}.${device}`
const oldKey = (from: Device, envelope: string) => `${deviceKey(from)}.${envelope}`
const rowKey = (from: Device, envelope: string) => `${deviceKey(from)}/${envelope}`

/** Rows in which an envelope is looked for. Ids grow with the backend's clock, so it stands in the first; ids that do not stand alone. */
const rowsLookedAt = 16
/** From the first to the last of a row, by what their ids say: those that are random are never that close. */
const longestMs = 7 * 86_400_000

/**
 * Whether an envelope of that sender and id was read before: what to ask about one that cannot be read now. One that can was not, because a
 * key serves once.
 */
export async function wasRead(rows: RowReader, from: Device, envelope: string): Promise<boolean> {
  // Up to the row that has this very name.
  const range = {
    prefix: deviceKey(from),
    to: `${envelope}0`,
    limit: rowsLookedAt,
    reverse: true,
    glance: true,
  }
  const found = await readEnvelopeRows.list(rows, range)
  if (found.some(({ row }) => row.envelopes.includes(envelope))) return true
  return (await tripleRows.get(rows, oldKey(from, envelope)))?.read === true
}

/** The envelopes that one commit has read. */
export class ReadEnvelopes {
  readonly #devices = new Map<string, { readonly from: Device; readonly envelopes: Set<string> }>()

  add(from: Device, envelope: string): void {
    const key = deviceKey(from)
    const one = this.#devices.get(key) ?? { from, envelopes: new Set() }
    this.#devices.set(key, one)
    one.envelopes.add(envelope)
  }

  has(from: Device, envelope: string): boolean {
    return this.#devices.get(deviceKey(from))?.envelopes.has(envelope) === true
  }

  /** Stages them, with their time for `sweepTriples`. */
  async stage(rows: RowWriter, now: number): Promise<void> {
    const pieces = await Promise.all([...this.#devices.values()].map((one) => piecesOf(rows, one)))
    const all: Triple[] = []
    for (const { from, envelopes } of pieces.flat()) {
      const [first = ''] = envelopes
      readEnvelopeRows.put(rows, rowKey(from, first), { envelopes, at: now })
      all.push({ accountId: from.accountId, device: from.device, envelope: first })
    }
    for (let i = 0; i < all.length; i += triplesInRow) {
      const triples = all.slice(i, i + triplesInRow)
      tripleAgeRows.put(rows, `all/${sortable(now)}${triples[0]?.envelope ?? ''}`, { triples })
    }
  }
}

interface Piece {
  readonly from: Device
  readonly envelopes: string[]
}

/** What stands in one row each: several together where they are above all that was read before, so that hardly a row lies within another. */
async function piecesOf(
  rows: RowReader,
  { from, envelopes }: { readonly from: Device; readonly envelopes: ReadonlySet<string> },
): Promise<readonly Piece[]> {
  if (envelopes.size === 1) return [{ from, envelopes: [...envelopes] }]
  const range = { prefix: deviceKey(from), limit: 1, reverse: true, glance: true }
  const [newest] = await readEnvelopeRows.list(rows, range)
  const last = newest?.row.envelopes.at(-1) ?? ''
  const pieces: Piece[] = []
  for (const one of [...envelopes].sort()) {
    const piece = pieces.at(-1)
    if (piece !== undefined && belongsTo(piece.envelopes, one, last)) piece.envelopes.push(one)
    else pieces.push({ from, envelopes: [one] })
  }
  return pieces
}

function belongsTo(piece: readonly string[], envelope: string, last: string): boolean {
  const [first = ''] = piece
  if (first <= last || piece.length === triplesInRow) return false
  return envelopeTime(envelope) - envelopeTime(first) <= longestMs
}

/** Rows of ages that are swept at once: a few hundred triples. */
const sweptAtOnce = 4

/** Stages the end of some triples that were written before `before`. Resolves with whether there may be more. */
export async function sweepTriples(rows: RowWriter, before: number): Promise<boolean> {
  const old = await tripleAgeRows.list(rows, { prefix: 'all', to: sortable(before), limit: sweptAtOnce })
  const named = old.flatMap(({ row }) => row.triples.map((one) => ({ from: one, envelope: one.envelope })))
  await Promise.all(
    named.map(async ({ from, envelope }) => {
      const [key, olderKey] = [rowKey(from, envelope), oldKey(from, envelope)]
      const [row, older] = await Promise.all([
        readEnvelopeRows.get(rows, key),
        tripleRows.get(rows, olderKey),
      ])
      // What was read again since stands in a younger commit as well.
      if (row !== undefined && row.at < before) readEnvelopeRows.delete(rows, key)
      if (older !== undefined && older.at < before) tripleRows.delete(rows, olderKey)
    }),
  )
  for (const { key } of old) tripleAgeRows.delete(rows, key)
  return old.length === sweptAtOnce
}
