import type { WebSocket } from 'ws'
import type { BusEvent } from './bus/bus.js'
import { deliverFrame } from './deliver-frame.js'
import type { Mailbox } from './mailbox.js'

const pageSize = 100
/** Bytes. Above this, a socket that is read slowly gets nothing more until it has drained: the rest stays in the mailbox. */
const mostBuffered = 1024 * 1024
const drainedMs = 25

export interface DeliveryOptions {
  readonly device: string
  readonly socket: WebSocket
  readonly mailbox: Mailbox
  readonly delivered: () => void
  readonly failed: (error: unknown) => void
}

/** The way of one device's mail to its socket: what waits, page by page as fast as it is read, then what comes. */
export class Delivery {
  readonly #options: DeliveryOptions
  /** Written to this socket and still in the mailbox. */
  readonly #written = new Map<number, 'delivered' | 'acknowledged'>()
  /** The place in the mailbox up to which all of it was read. What was announced since is not behind it: nodes may overtake each other. */
  #cursor = 0
  #draining = false
  /** Mail came while the mailbox was being read. */
  #more = false
  #over = false

  constructor(options: DeliveryOptions) {
    this.#options = options
  }

  /** Delivers what waits. */
  start(): void {
    if (this.#draining || this.#over) return
    this.#draining = true
    this.#drain().catch((error: unknown) => this.#options.failed(error))
  }

  /** Mail was committed. */
  announce({ id, frame }: BusEvent & { readonly kind: 'mail' }): void {
    if (this.#over || this.#written.has(id)) return
    this.#more = true
    if (this.#draining) return
    if (this.#options.socket.bufferedAmount > mostBuffered) return this.start()
    this.#write(id, frame)
  }

  /**
   * Forgets what the device has stored. Only what this socket was given counts: numbers that somebody makes up reach no database. Resolves to
   * how many were acknowledged.
   */
  async acknowledge(deliveries: readonly number[]): Promise<number> {
    const fresh = deliveries.filter((id) => {
      const counts = this.#written.get(id) === 'delivered'
      if (counts) this.#written.set(id, 'acknowledged')
      return counts
    })
    if (fresh.length === 0) return 0
    await this.#options.mailbox.acknowledge(this.#options.device, fresh)
    for (const id of fresh) this.#written.delete(id)
    return fresh.length
  }

  stop(): void {
    this.#over = true
  }

  async #drain(): Promise<void> {
    try {
      do {
        this.#more = false
        await this.#readAll()
        // What was committed after the last page was read has been announced: then there is another one.
      } while (this.#more && !this.#over)
    } finally {
      this.#draining = false
    }
  }

  async #readAll(): Promise<void> {
    const { device, mailbox } = this.#options
    for (;;) {
      const page = await mailbox.waiting(device, this.#cursor, pageSize)
      for (const { id, stamped } of page) {
        if (!(await this.#drained())) return
        this.#cursor = id
        if (this.#written.has(id)) continue
        this.#write(id, deliverFrame(id, stamped))
      }
      if (page.length === 0) return
    }
  }

  /** Resolves when the socket takes more; with `false` when it is gone. */
  async #drained(): Promise<boolean> {
    const { socket } = this.#options
    while (!this.#over && socket.bufferedAmount > mostBuffered) {
      await new Promise((resolve) => setTimeout(resolve, drainedMs))
    }
    return !this.#over
  }

  #write(id: number, frame: Uint8Array): void {
    this.#written.set(id, 'delivered')
    this.#options.delivered()
    this.#options.socket.send(frame)
  }
}
