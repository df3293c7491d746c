import { SottoError, decodeStampedEnvelope, type Batch, type ErrorCode } from '@sotto/protocol'
import type { Connection, Delivery, Sent } from '@sotto/core/ports'
import type { MemoryLink } from './memory-link.js'
import type { Mail } from './memory-mailboxes.js'

/** What a connection asks of the network. */
export interface Wire {
  send(batch: Batch): Sent
  ack(number: number): void
  closed(connection: MemoryConnection): void
}

type End = { readonly name: 'quiet' } | { readonly name: 'said'; readonly error: SottoError }

/** An open connection of one device. */
export class MemoryConnection implements Connection {
  onwake: ((what: number) => void) | undefined
  readonly #link: MemoryLink
  readonly #wire: Wire
  readonly #queue: Mail[] = []
  readonly #release: () => void
  #end: End | undefined
  #turn: (() => void) | undefined

  constructor(link: MemoryLink, wire: Wire) {
    this.#link = link
    this.#wire = wire
    this.#release = link.hold(() => this.#finish({ name: 'quiet' }))
  }

  /** From the network: something for this device. */
  arrive(mail: Mail): void {
    if (this.#end !== undefined) return
    this.#queue.push(mail)
    this.#turn?.()
  }

  /** From the network: the connection is over, and why. */
  end<C extends ErrorCode>(error: SottoError<C>): void {
    this.#finish({ name: 'said', error: error })
  }

  wake(what: number): void {
    if (this.#end === undefined) this.onwake?.(what)
  }

  async send(batch: Batch): Promise<Sent> {
    return this.#link.ask(() => {
      if (this.#end !== undefined) throw new SottoError('offline')
      return this.#wire.send(batch)
    })
  }

  probe(): Promise<void> {
    return this.#link.ask(() => {
      if (this.#end !== undefined) throw new SottoError('offline')
    })
  }

  close(): void {
    this.#finish({ name: 'quiet' })
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Delivery, void> {
    for (;;) {
      if (this.#end?.name === 'said') throw this.#end.error
      if (this.#end !== undefined) return
      const mail = this.#queue.shift()
      if (mail !== undefined) yield this.#deliver(mail)
      else await new Promise<void>((resolve) => (this.#turn = resolve))
    }
  }

  #deliver({ number, stamped }: Mail): Delivery {
    return {
      stamped: decodeStampedEnvelope(stamped),
      ack: () => {
        if (this.#end === undefined && this.#link.isUp) this.#wire.ack(number)
      },
    }
  }

  #finish(end: End): void {
    if (this.#end !== undefined) return
    this.#end = end
    this.#queue.length = 0
    this.#release()
    this.#wire.closed(this)
    this.#turn?.()
  }
}
