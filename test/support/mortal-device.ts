import type { Client, ThreadItem } from '@sotto/core'
import { MemoryLink, memoryChannels, memoryLocks, memoryStore } from '@sotto/core/memory'
import type { Backend, KeyPolicy } from '@sotto/core/ports'
import { SottoError } from '@sotto/protocol'
import { MortalStore, type DeathIn } from './chaos/mortal-store.js'
import type { Shown } from './machine/history.js'
import type { MachineDisk } from './machine/machine-disk.js'
import type { Installation, World } from './people.js'

interface Process {
  readonly client: Client
  readonly store: MortalStore
  /** The newest part of the thread. */
  shown: readonly ThreadItem[]
}

/** A device that writes with one account, whose process can end in the middle of a commit, and its person, who opens it again and goes on. */
export class MortalDevice {
  readonly name: string
  readonly peer: string
  readonly installation: Installation
  deaths = 0
  readonly #world: World
  readonly #over: (inner: Backend) => Backend
  readonly #keyPolicy: KeyPolicy
  /** Of all processes together. */
  #commits = 0
  #doom: { readonly commit: number; readonly when: DeathIn } | undefined
  #process: Process | undefined
  readonly #dead: Client[] = []
  #disk: MachineDisk

  constructor(
    world: World,
    made: {
      name: string
      peer: string
      installation: Installation
      over: (inner: Backend) => Backend
      keyPolicy?: KeyPolicy
    },
  ) {
    this.#world = world
    this.name = made.name
    this.peer = made.peer
    this.installation = made.installation
    this.#disk = made.installation.disk
    this.#over = made.over
    this.#keyPolicy = made.keyPolicy ?? 'crypto-key'
  }

  get account(): string {
    return this.installation.account
  }

  /** Its process will end in one of the commits to come, counted from 1. A process that begins before that goes on counting. */
  endIn(commit: number, when: DeathIn): void {
    this.#doom = { commit: this.#commits + commit, when }
  }

  /** The process that runs; another one, as often as one has ended. */
  async alive(): Promise<Client> {
    for (;;) {
      try {
        return (await this.#running()).client
      } catch (error) {
        if (!SottoError.is(error, 'closed')) throw error
      }
    }
  }

  /** The process ends now, whatever it does. The next one begins on another disk, where one is given. */
  async killed(disk = this.#disk): Promise<void> {
    this.#process?.store.kill()
    this.#disk = disk
    await this.alive()
  }

  /** What its store holds now. */
  copy(): MachineDisk {
    return this.#disk.copy()
  }

  /** Lets time pass until it is so of the process that runs. */
  until(condition: (client: Client) => boolean | Promise<boolean>): Promise<void> {
    return this.#world.time.until(async () => condition(await this.alive()))
  }

  /** Writes. Where the process ends before `send` resolves, its person looks whether the text is there, and else writes it again. */
  async send(text: string): Promise<void> {
    for (let tries = 0; ; tries++) {
      const client = await this.alive()
      try {
        if (tries === 0 || !(await this.shows()).some((one) => one.kind === 'text' && one.text === text))
          await client.conversation(this.peer).send(text)
        return
      } catch (error) {
        if (!SottoError.is(error, 'closed')) throw error
      }
    }
  }

  /** The newest part of the thread, as a person who does not scroll sees it. */
  async glimpse(): Promise<readonly ThreadItem[]> {
    await this.alive()
    return this.#process?.shown ?? []
  }

  /** What the thread shows: all of it. */
  async shows(): Promise<readonly Shown[]> {
    const conversation = (await this.alive()).conversation(this.peer)
    let items: readonly ThreadItem[] = []
    const stop = conversation.messages.subscribe((shown) => (items = shown))
    do await conversation.loadEarlier()
    while (conversation.earlier.value !== 'none')
    stop()
    return items.flatMap((item): readonly Shown[] => {
      if (item.kind === 'text') return [{ kind: 'text', text: item.text, mine: item.mine }]
      return item.kind === 'gap' ? [{ kind: 'gap', count: item.count }] : []
    })
  }

  async close(): Promise<void> {
    for (const one of [...this.#dead, await this.alive()]) await one.close().catch(() => undefined)
  }

  async #running(): Promise<Process> {
    const before = this.#process
    if (before !== undefined && !before.store.isDead) return before
    if (before !== undefined) this.#dead.push(before.client)
    this.#process = undefined
    // Of this process alone: its sockets end with it, and its lock is free.
    const link = new MemoryLink()
    const store = new MortalStore(memoryStore(this.#disk), {
      isLast: () => (++this.#commits === this.#doom?.commit ? this.#doom.when : undefined),
      ondeath: () => {
        this.deaths++
        link.down()
      },
    })
    const client = await this.installation.open({
      store,
      backend: this.#over(this.#world.network.backend(link)),
      locks: memoryLocks(),
      channels: memoryChannels(),
      keyPolicy: this.#keyPolicy,
    })
    const process: Process = { client, store, shown: [] }
    client.conversation(this.peer).messages.subscribe((shown) => (process.shown = shown))
    this.#process = process
    return process
  }
}
