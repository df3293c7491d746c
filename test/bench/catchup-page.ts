import { initAsync } from '@matrix-org/matrix-sdk-crypto-wasm'
import { connect } from '../../packages/sotto/src/connect.js'
import type { Client } from '../../packages/core/src/client-api.js'
import { until } from '../support/until.js'
import { MatrixReader } from './matrix-reader.js'

/** Milliseconds of a catch-up, and the longest time from one frame of the page to the next while it went on. */
export interface CatchUp {
  readonly ms: number
  readonly longestFrameMs: number
}

const pageSize = 50

/** Opens an account in this page, as a site does it: the browser's own store, locks and channels. */
export class OurReader {
  readonly #options: { readonly relay: string; readonly token: () => Promise<string> }
  readonly #writers: readonly string[]
  #client: Client | undefined

  constructor(relay: string, token: () => Promise<string>, writers: readonly string[]) {
    this.#options = { relay, token }
    this.#writers = writers
  }

  /** Comes online for the first time. */
  async start(): Promise<void> {
    await this.#online()
  }

  /** Takes every writer as a contact, once each has written, and answers once. */
  async accept(): Promise<void> {
    const client = this.#opened()
    await until(() => client.conversations.value.length === this.#writers.length)
    for (const writer of this.#writers) {
      await client.conversation(writer).accept()
      await client.conversation(writer).send('hello')
    }
  }

  async close(): Promise<void> {
    await this.#client?.close()
    this.#client = undefined
  }

  /** From `connect()` until `count` more messages are stored, counted by the inbox, and the newest of every conversation are read. */
  async catchUp(before: number, count: number): Promise<CatchUp> {
    const frames = new Frames()
    const start = performance.now()
    const client = await this.#open()
    await new Promise<void>((resolve) => {
      const stop = client.unread.subscribe((unread) => {
        if (unread < before + count) return
        queueMicrotask(() => stop())
        resolve()
      })
    })
    for (const writer of this.#writers) await newest(client, writer)
    const ms = performance.now() - start
    return { ms, longestFrameMs: frames.stop() }
  }

  unread(): number {
    return this.#opened().unread.value
  }

  /** All texts of a writer that are stored, oldest first. */
  async texts(writer: string): Promise<readonly string[]> {
    const thread = this.#opened().conversation(writer)
    const stop = thread.messages.subscribe(() => undefined)
    try {
      do await thread.loadEarlier()
      while (thread.earlier.value !== 'none')
      return thread.messages.value.flatMap((one) => (one.kind === 'text' && !one.mine ? [one.text] : []))
    } finally {
      stop()
    }
  }

  async #online(): Promise<void> {
    const client = await this.#open()
    await until(() => client.state.value.name === 'online')
  }

  async #open(): Promise<Client> {
    const { relay, token } = this.#options
    const options = { account: 'reader', realm: 'example.com', relay, token, calls: false } as const
    return (this.#client = await connect(options))
  }

  #opened(): Client {
    if (this.#client === undefined) throw new Error('not connected')
    return this.#client
  }
}

/** Resolves when the newest page of a conversation was read. */
async function newest(client: Client, account: string): Promise<void> {
  const { messages } = client.conversation(account)
  let stop = () => {}
  await new Promise<void>((resolve) => {
    stop = messages.subscribe((shown) => {
      if (shown.length >= pageSize) resolve()
    })
  })
  stop()
}

/** The page's frames. */
class Frames {
  #longest = 0
  #last = performance.now()
  #running = true

  constructor() {
    const frame = () => {
      this.#see()
      if (this.#running) requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
  }

  /** The longest time between two frames so far, in milliseconds. */
  stop(): number {
    this.#running = false
    this.#see()
    return this.#longest
  }

  #see(): void {
    const now = performance.now()
    this.#longest = Math.max(this.#longest, now - this.#last)
    this.#last = now
  }
}

export async function matrixReader(): Promise<MatrixReader> {
  await initAsync()
  return MatrixReader.start()
}

/** The same for a machine of the Matrix SDK: from opening its store until every event is decrypted and its text stored. */
export async function matrixCatchUp(reader: MatrixReader, events: readonly object[]): Promise<CatchUp> {
  const frames = new Frames()
  const start = performance.now()
  await reader.open()
  await reader.take(events)
  const ms = performance.now() - start
  await reader.close()
  return { ms, longestFrameMs: frames.stop() }
}
