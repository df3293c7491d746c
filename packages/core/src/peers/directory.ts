import { compareReference, type Reference } from '@sotto/protocol'
import type { Directory, Time } from '../ports/index.js'
import type { Run } from '../store/rows.js'
import { peerRows } from '../store/tables.js'
import { updateLists } from './list-update.js'
import { readPeer, type Peer } from './peer.js'

/** Looks up other accounts' lists, verifies them, and remembers what was accepted. */
export class PeerDirectory {
  readonly #directory: Directory
  readonly #run: Run
  readonly #realm: string
  readonly #time: Time
  readonly #onchange: (account: string) => void
  /** One fetch for an account at a time: whoever asks meanwhile gets the same answer. */
  readonly #running = new Map<string, Promise<Peer>>()

  constructor(options: {
    directory: Directory
    run: Run
    realm: string
    time: Time
    onchange: (account: string) => void
  }) {
    this.#directory = options.directory
    this.#run = options.run
    this.#realm = options.realm
    this.#time = options.time
    this.#onchange = options.onchange
  }

  /** What is known; fetched only where nothing is. Rejects as `refresh` does. */
  async know(account: string): Promise<Peer> {
    const peer = await this.#run((rows) => readPeer(rows, account))
    return peer.chain === undefined ? this.refresh(account) : peer
  }

  /**
   * Fetches the account's lists. `whole` asks for the chain from its first list, to compare it. Rejects with what the directory or the
   * verification says; then what was known stays.
   */
  refresh(account: string, whole = false): Promise<Peer> {
    const name = `${account} ${String(whole)}`
    const running = this.#running.get(name)
    if (running !== undefined) return running
    const fetching = this.#fetch(account, whole).finally(() => this.#running.delete(name))
    this.#running.set(name, fetching)
    return fetching
  }

  async #fetch(account: string, whole: boolean): Promise<Peer> {
    const known = await this.#run((rows) => readPeer(rows, account))
    const since = known.chain === undefined || whole ? undefined : known.chain.list
    const lists = await this.#directory.lists(account, since && { era: since.era, sequence: since.sequence })
    const changed = await this.#run(async (rows) => {
      const { row } = await readPeer(rows, account)
      if (row.chain === undefined && lists.length === 0) return false
      const update = updateLists(row, this.#realm, lists, this.#time.now())
      peerRows.put(rows, account, update.row)
      return update.changed
    })
    if (changed) this.#onchange(account)
    return this.#run((rows) => readPeer(rows, account))
  }

  /**
   * Follows a reference to the account's own list, which came from that account. A newer one, or another of the same place, makes us fetch
   * once; where no list settles it, nothing is sent to the account until one does. Receiving goes on.
   */
  async follow(account: string, claim: Reference): Promise<void> {
    const { chain } = await this.know(account)
    if (chain === undefined) return
    const standing = compareReference(claim, chain)
    if (standing === 'same' || standing === 'older' || standing === 'other-account') return
    try {
      await this.refresh(account, standing === 'fork')
    } catch {
      // What cannot be fetched or does not verify settles nothing: the doubt below stays.
    }
    await this.#run(async (rows) => {
      const { row, chain: newest } = await readPeer(rows, account)
      if (newest === undefined) return
      const now = compareReference(claim, newest)
      if (now === 'newer' || now === 'fork') peerRows.put(rows, account, { ...row, doubt: claim })
    })
    this.#onchange(account)
  }
}
