import { conversationIdOf, pairOf } from '@sotto/protocol'
import type { Announce } from '../announcements.js'
import type { OwnDevice } from '../account/own-device.js'
import { readPeer, relationOf } from '../peers/peer.js'
import type { Time } from '../ports/index.js'
import type { Run } from '../store/rows.js'
import { conversationRows } from '../store/tables.js'
import { enqueueReceipt } from './receipts.js'

const leastMs = 2_000
const mostMs = 10_000
/** How long a store that failed is left alone. */
const failedMs = 60_000

/** Sends receipts some seconds after what they are about, many as one, never to a stranger. In the leading tab. */
export class ReceiptTimer {
  readonly #run: Run
  readonly #time: Time
  readonly #own: () => OwnDevice
  readonly #announce: Announce
  readonly #tellRead: boolean
  readonly #due = new Set<string>()

  constructor(options: {
    run: Run
    time: Time
    own: () => OwnDevice
    announce: Announce
    tellRead: boolean
  }) {
    this.#run = options.run
    this.#time = options.time
    this.#own = options.own
    this.#announce = options.announce
    this.#tellRead = options.tellRead
  }

  /** Something of that account came or was read. */
  due(account: string, signal: AbortSignal): void {
    if (this.#due.has(account)) return
    this.#due.add(account)
    void this.#time
      .sleep(leastMs + this.#time.random(mostMs - leastMs), signal)
      .then(() => this.#send(account))
      .catch(() => this.#again(account, signal))
  }

  /** What could not be stored stays due: the next message may be long in coming. */
  async #again(account: string, signal: AbortSignal): Promise<void> {
    this.#due.delete(account)
    await this.#time.sleep(failedMs, signal).catch(() => undefined)
    if (!signal.aborted) this.due(account, signal)
  }

  /** What a tab that died left unsaid. */
  async dueAll(signal: AbortSignal): Promise<void> {
    const all = await this.#run((rows) => conversationRows.list(rows, { prefix: '', limit: 10_000 }))
    for (const { row } of all) this.due(row.account, signal)
  }

  async #send(account: string): Promise<void> {
    this.#due.delete(account)
    const { address } = this.#own()
    const sent = await this.#run(async (rows) => {
      const { row, chain } = await readPeer(rows, account)
      if (chain === undefined || relationOf(row) !== 'accepted') return false
      const conversation = conversationIdOf(address.realm, pairOf(address, chain))
      const to = { account, accountId: chain.accountId, conversation, tellRead: this.#tellRead }
      return enqueueReceipt(rows, to, this.#time.now())
    })
    if (sent) this.#announce({ kind: 'outbox' })
  }
}
