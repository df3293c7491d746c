import { SottoError, check, decode, encode, field, struct, uint } from '@sotto/protocol'
import type { Change, Row } from './ports/index.js'
import { run } from './sessions/run.js'
import type { UnitOfWork, UnitStore } from './sessions/unit-of-work.js'

const tableName = 'leader'
const rowKey = 'leader'
const schema = 1
const epochMax = 0xffff_ffff
const shape = struct({ epoch: field(1, uint(epochMax, 1)) })

/**
 * The lead, as long as it lasts. Taking it puts a higher epoch into the leader's row, and each of the leader's commits expects that row as
 * it was put: whoever lost the lead, and does not know yet, commits nothing.
 */
export class Lease {
  /** Aborted when the lead is lost or given up: whoever works under it must stop. */
  readonly signal: AbortSignal
  readonly #store: UnitStore
  #epoch: number
  #revision: number
  #raising: Promise<unknown> = Promise.resolve()

  private constructor(store: UnitStore, epoch: number, revision: number, signal: AbortSignal) {
    this.#store = store
    this.#epoch = epoch
    this.#revision = revision
    this.signal = signal
  }

  /** Raises the epoch by one. Rejects as the store does. */
  static async take(store: UnitStore, signal: AbortSignal): Promise<Lease> {
    for (;;) {
      const row = await store.get(tableName, rowKey)
      const epoch = epochOf(row) + 1
      try {
        const expect = row?.revision ?? ('absent' as const)
        await store.commit([
          { kind: 'put', table: tableName, key: rowKey, value: encodeEpoch(epoch), expect },
        ])
        if (row !== undefined) return new Lease(store, epoch, row.revision + 1, signal)
        // A new row's revision is the store's to choose. Another tab may have raised the epoch meanwhile: then we do, too.
        const made = await store.get(tableName, rowKey)
        if (made !== undefined && epochOf(made) === epoch)
          return new Lease(store, epoch, made.revision, signal)
      } catch (error) {
        if (!SottoError.is(error, 'conflict')) throw error
      }
    }
  }

  /** Part of the login. The backend keeps the highest. */
  get epoch(): number {
    return this.#epoch
  }

  /** What each of the leader's commits expects. */
  get expect(): Extract<Change, { kind: 'check' }> {
    return { kind: 'check', table: tableName, key: rowKey, expect: this.#revision }
  }

  /** Rejects with `lost-lead` where somebody else has taken the lead. */
  async confirm(): Promise<void> {
    // While it is being raised, the row may already be ahead of what we know.
    await this.#raising.catch(() => undefined)
    await this.#compare()
  }

  /**
   * Sets the epoch above `epoch`, which a backend knows from a copy or a later state of this device, and does `work` in the same commit:
   * marking every session spent. Resolves with the new one. Rejects with `lost-lead`, `wrong-argument` for an epoch that nothing is above.
   */
  async raiseAbove(epoch: number, work: (unit: UnitOfWork, epoch: number) => Promise<void>): Promise<number> {
    check(Number.isSafeInteger(epoch) && epoch < epochMax, 'wrong-argument', { name: 'epoch' })
    const raising = this.#raising.catch(() => undefined).then(() => this.#raise(epoch, work))
    this.#raising = raising
    return raising
  }

  async #raise(above: number, work: (unit: UnitOfWork, epoch: number) => Promise<void>): Promise<number> {
    const epoch = Math.max(this.#epoch, above) + 1
    const lease = { expect: this.expect, confirm: () => this.#compare() }
    await run(
      this.#store,
      async (unit) => {
        unit.put(tableName, rowKey, encodeEpoch(epoch))
        await work(unit, epoch)
      },
      { lease },
    )
    this.#epoch = epoch
    this.#revision++
    return epoch
  }

  async #compare(): Promise<void> {
    check((await this.#store.get(tableName, rowKey))?.revision === this.#revision, 'lost-lead')
  }
}

function encodeEpoch(epoch: number): Uint8Array {
  return Uint8Array.of(schema, ...encode(shape, { epoch }))
}

function epochOf(row: Row | undefined): number {
  if (row === undefined) return 0
  const { value } = row
  if (!(value instanceof Uint8Array) || value[0] !== schema)
    throw new SottoError('store-damaged', { what: tableName })
  return decode(shape, value.subarray(1), 64).epoch
}
