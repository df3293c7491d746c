import { run, type ThreadItem } from '@sotto/core'
import type { SessionCipher } from '@sotto/core/ports'
import type { Announcement } from '../../../packages/core/src/announcements.js'
import type { OwnDevice } from '../../../packages/core/src/account/own-device.js'
import { ConnectionLoop } from '../../../packages/core/src/connection.js'
import { ProgressReader } from '../../../packages/core/src/conversations/progress-reader.js'
import { TwoPersonConversation } from '../../../packages/core/src/conversations/two-person-conversation.js'
import { LeadWork } from '../../../packages/core/src/lead-work.js'
import { Lease } from '../../../packages/core/src/lease.js'
import { liveSession } from '../../../packages/core/src/sessions/generations.js'
import { putSessions, readSessions } from '../../../packages/core/src/sessions/session-rows.js'
import type { UnitStore } from '../../../packages/core/src/sessions/unit-of-work.js'
import { realm, type FoundedDevice } from './founding.js'
import type { MachineDisk } from './machine-disk.js'
import type { MachineNetwork } from './machine-network.js'
import type { MachineTime } from './machine-time.js'
import type { Quiet } from './quiet.js'
import type { Rules } from './rules.js'

export interface MachineWorld {
  readonly network: MachineNetwork
  readonly time: MachineTime
  readonly quiet: Quiet
  readonly cipher: SessionCipher
  readonly rules: Rules
}

interface Opened {
  readonly store: UnitStore
  readonly work: LeadWork
  readonly loop: ConnectionLoop
  readonly conversation: TwoPersonConversation
  readonly closing: AbortController
  readonly ended: Promise<void>
}

/** One device as its leading tab runs it: what a client is made of, without elections, tabs and views. */
export class MachineDevice {
  readonly name: string
  readonly account: string
  readonly device: string
  /** Codes of what could not be read or was refused. */
  readonly unread: string[] = []
  disk: MachineDisk
  readonly #peer: string
  readonly #world: MachineWorld
  #own: OwnDevice
  #opened: Opened | undefined

  constructor(world: MachineWorld, name: string, { own, disk, peer }: FoundedDevice) {
    this.#world = world
    this.name = name
    this.account = own.address.account
    this.device = own.address.device
    this.disk = disk.copy()
    this.#peer = peer
    this.#own = own
  }

  get own(): OwnDevice {
    return this.#own
  }

  async open(): Promise<void> {
    const { network, time, quiet, cipher, rules } = this.#world
    const store = rules.store(this.disk)
    const closing = new AbortController()
    const lease = await Lease.take(store, closing.signal)
    const { transport, directory } = network.backend(() => ({
      address: this.#own.address,
      epoch: lease.epoch,
      sends: work.sends,
    }))
    const announce = (what: Announcement) => this.#hear(what)
    const work = new LeadWork(
      {
        realm,
        account: this.account,
        store,
        directory,
        cipher,
        time,
        policy: () => Promise.resolve('crypto-key'),
        tellRead: true,
        announce,
        warn: () => undefined,
        count: (code) => void this.unread.push(code),
        setOwn: (own) => (this.#own = own),
      },
      lease,
    )
    const loop = new ConnectionLoop({
      transport,
      time,
      work,
      setState: () => undefined,
      warn: () => undefined,
    })
    await work.load()
    const conversation = new TwoPersonConversation(this.#peer, {
      run: (part) => run(store, part),
      time,
      announce,
      own: async () => this.#own,
      knownOwn: () => this.#own,
      progress: new ProgressReader({ own: () => this.#own.address, online: () => true }),
      lookUp: async (account) => void (await work.peers.know(account)),
    })
    this.#opened = { store, work, loop, conversation, closing, ended: loop.run(lease) }
    await quiet.come()
  }

  async close(): Promise<void> {
    const opened = this.#takeOpened()
    this.#opened = undefined
    opened.closing.abort()
    await opened.ended
    await this.#world.quiet.come()
  }

  /** Says something to the other account. */
  async send(text: string): Promise<void> {
    await this.#takeOpened().conversation.send(text)
  }

  /** Spends the sessions with another device: the next generation has to be started, as after many things that may befall a session. */
  async archive(other: MachineDevice): Promise<void> {
    const { address } = other.own
    const { giveUp } = this.#world.rules
    await run(this.#takeOpened().store, async (rows) =>
      putSessions(rows, address, giveUp(await readSessions(rows, address))),
    )
  }

  async live(other: MachineDevice): Promise<string | undefined> {
    return run(this.#takeOpened().store, async (rows) => {
      const session = liveSession(await readSessions(rows, other.own.address))
      return session?.spent === false ? session.name : undefined
    })
  }

  /** The network is back: as a person who presses "try again". */
  retry(): void {
    this.#hear({ kind: 'retry' })
  }

  /** What the thread shows. */
  async thread(): Promise<readonly ThreadItem[]> {
    const { conversation } = this.#takeOpened()
    let items: readonly ThreadItem[] = []
    const stop = conversation.messages.subscribe((shown) => (items = shown))
    await this.#world.quiet.come()
    while (conversation.earlier.value === 'more') await conversation.loadEarlier()
    stop()
    return items
  }

  #takeOpened(): Opened {
    if (this.#opened === undefined) throw new Error(`${this.name} is closed`)
    return this.#opened
  }

  /** What a client does with what its parts tell each other. */
  #hear(what: Announcement): void {
    const opened = this.#opened
    if (opened === undefined) return
    const { work, loop } = opened
    if (what.kind === 'outbox') work.wakeOutbox(false)
    if (what.kind === 'receipts') work.receiptDue(what.account)
    if (what.kind === 'peer') void work.retry(what.account)
    if (what.kind !== 'retry') return
    work.wakeOutbox(true)
    loop.wake()
  }
}
