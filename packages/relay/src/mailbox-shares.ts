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

  /** Whether there is no room for an envelope of `sender`, for each of `devices`. */
  async of(rows: Rows, devices: ReadonlySet<string>): Promise<(device: string, sender: string) => boolean> {
    const now = this.#now()
    const found = new Map<string, Shares>()
    for (const device of devices) {
      found.set(device, this.#known(device, now) ?? (await this.#count(rows, device, now)))
    }
    return (device, sender) => {
      const shares = found.get(device)
      if (shares === undefined || shares.total >= limits.mailbox) return true
      return (shares.bySender.get(sender) ?? 0) >= limits.mailboxPerSender
    }
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

  #known(device: string, now: number): Shares | undefined {
    const known = this.#devices.get(device)
    // A clock that was set back makes no count last longer.
    return known !== undefined && Math.abs(now - known.countedAt) < countedForMs ? known : undefined
  }

  async #count(rows: Rows, device: string, countedAt: number): Promise<Shares> {
    const counted = await rows.all<{ sender: string; n: number }>(
      'SELECT from_account_id AS sender, COUNT(*) AS n FROM mailbox WHERE device = ? GROUP BY from_account_id',
      device,
    )
    const shares = {
      bySender: new Map(counted.map(({ sender, n }) => [sender, n])),
      total: counted.reduce((sum, { n }) => sum + n, 0),
      countedAt,
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
