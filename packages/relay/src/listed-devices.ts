import { pieces, rowsOf } from './storage/pieces.js'
import type { Rows } from './storage/storage.js'

/** A device on the newest list of its account, and which list that is. */
export interface ListedDevice {
  readonly device: string
  readonly account: string
  readonly account_id: string
  readonly era: number
  readonly sequence: number
  readonly hash: string
}

const mostKnown = 100_000

/**
 * Devices that are on the newest lists, asked for by every turn's batches. What was found stays good as long as no list was taken, by whichever node:
 * the storage draws another number whenever one is, or a device goes, and that number is asked for each time.
 */
export class ListedDevices {
  readonly #known = new Map<string, ListedDevice>()
  #drawn = -1

  /** Those of `devices` that are on a list. */
  async of(rows: Rows, devices: ReadonlySet<string>): Promise<ReadonlyMap<string, ListedDevice>> {
    const drawn = (await rows.get<{ drawn: number }>('SELECT drawn FROM directory'))?.drawn
    if (drawn === undefined || drawn !== this.#drawn || this.#known.size > mostKnown) {
      this.#known.clear()
      this.#drawn = drawn ?? -1
    }
    const missing = [...devices].filter((device) => !this.#known.has(device))
    for (const piece of pieces(missing)) await this.#look(rows, piece)
    return this.#known
  }

  async #look(rows: Rows, devices: readonly string[]): Promise<void> {
    const found = await rows.all<ListedDevice>(
      `SELECT d.device, a.account, a.account_id, a.era, a.sequence, a.hash
       FROM devices d JOIN accounts a ON a.account_id = d.account_id
       WHERE d.removed = 0 AND d.device IN (${rowsOf('?', devices.length)})`,
      ...devices,
    )
    for (const one of found) this.#known.set(one.device, one)
  }
}
