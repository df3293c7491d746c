import { limits } from '@sotto/protocol'
import type { Rows } from './storage/storage.js'

interface Shares {
  readonly bySender: Map<string, number>
  total: number
  readonly countedAt: number
}

/** Counted anew so often: other nodes fill the same mailbox, and a unit of work that came to nothing was counted too. */
const countedForMs = 60_000
const mostDevices = 100_000

/**
 * How full mailboxes are, and whose envelopes fill them. A mailbox has room for so many, and so many from one sending account, so that a
 * stranger fills nobody else's share. Counting thousands of rows for every envelope would cost more than storing it: they are counted once,
 * and then kept up.
 */
export class MailboxShares {
  readonly #now: () => number
  readonly #devices = new Map<string, Shares>()

  constructor(now: () => number) {
    this.#now = now
  }

  async isFull(rows: Rows, device: string, sender: string): Promise<boolean> {
    const { bySender, total } = await this.#of(rows, device)
    return total >= limits.mailbox || (bySender.get(sender) ?? 0) >= limits.mailboxPerSender
  }

  stored(device: string, sender: string): void {
    this.#change(device, sender, 1)
  }

  gone(device: string, sender: string): void {
    this.#change(device, sender, -1)
  }

  /** Counted anew when it is asked for next. */
  forget(devices: readonly string[]): void {
    for (const device of devices) this.#devices.delete(device)
  }

  async #of(rows: Rows, device: string): Promise<Shares> {
    const now = this.#now()
    const known = this.#devices.get(device)
    // A clock that was set back makes no count last longer.
    if (known !== undefined && Math.abs(now - known.countedAt) < countedForMs) return known
    const counted = await rows.all<{ sender: string; n: number }>(
      'SELECT from_account_id AS sender, COUNT(*) AS n FROM mailbox WHERE device = ? GROUP BY from_account_id',
      device,
    )
    const shares = {
      bySender: new Map(counted.map(({ sender, n }) => [sender, n])),
      total: counted.reduce((sum, { n }) => sum + n, 0),
      countedAt: now,
    }
    if (this.#devices.size >= mostDevices) this.#devices.clear()
    this.#devices.set(device, shares)
    return shares
  }

  #change(device: string, sender: string, by: number): void {
    const shares = this.#devices.get(device)
    if (shares === undefined) return
    shares.total += by
    shares.bySender.set(sender, (shares.bySender.get(sender) ?? 0) + by)
  }
}
