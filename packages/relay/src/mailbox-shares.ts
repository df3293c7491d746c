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

/** Room in some mailboxes. What was promised to one batch is not there for the next, though nothing of it is stored yet. */
export class Room {
  readonly #found: ReadonlyMap<string, Shares>
  readonly #promised = new Map<string, number>()

  constructor(found: ReadonlyMap<string, Shares>) {
    this.#found = found
  }

  isFull(device: string, sender: string): boolean {
    const shares = this.#found.get(device)
    if (shares === undefined) return true
    const [all, theirs] = [this.#of(device), this.#of(device, sender)]
    return (
      shares.total + all >= limits.mailbox ||
      (shares.bySender.get(sender) ?? 0) + theirs >= limits.mailboxPerSender
    )
  }

  promise(device: string, sender: string): void {
    this.#promised.set(device, this.#of(device) + 1)
    this.#promised.set(`${device} ${sender}`, this.#of(device, sender) + 1)
  }

  #of(device: string, sender?: string): number {
    return this.#promised.get(sender === undefined ? device : `${device} ${sender}`) ?? 0
  }
}

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

  /** What room there is in the mailboxes of `devices`, for batches that are decided of one after the other. */
  async of(rows: Rows, devices: ReadonlySet<string>): Promise<Room> {
    const now = this.#now()
    const found = new Map<string, Shares>()
    for (const device of devices) {
      found.set(device, this.#known(device, now) ?? (await this.#count(rows, device, now)))
    }
    return new Room(found)
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
