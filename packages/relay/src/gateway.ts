import { randomUUID } from 'node:crypto'
import {
  SottoError,
  decodeClientFrame,
  decodeStampedEnvelope,
  encodeRelayFrame,
  limits,
  type ClientFrame,
  type RelayFrame,
} from '@sotto/protocol'
import type { WebSocket } from 'ws'
import type { Auth, Caller } from './auth.js'
import type { Bus, BusEvent } from './bus/bus.js'
import type { Mailbox } from './mailbox.js'
import type { Metrics } from './metrics.js'
import type { RateLimit } from './rate-limit.js'

const helloMs = 10_000
const pageSize = 100
/** Above this, a socket that is read slowly gets nothing more until it has drained: the rest stays in the mailbox. */
const mostBuffered = 1024 * 1024
const drainedMs = 50

export interface GatewayContext {
  readonly auth: Auth
  readonly mailbox: Mailbox
  readonly bus: Bus
  readonly batches: RateLimit
  readonly metrics: Metrics
  readonly now: () => number
}

/** One socket of one device: says hello, gets its mail, sends batches. */
export class Gateway {
  readonly #socket: WebSocket
  readonly #context: GatewayContext
  readonly #id = randomUUID()
  readonly #silent: NodeJS.Timeout
  #caller: Caller | undefined
  /** The place in the mailbox up to which everything was written to the socket. */
  #cursor = 0
  #draining = false
  /** Mail came while the mailbox was being read. */
  #more = false
  #leave: (() => void) | undefined
  #over = false

  constructor(socket: WebSocket, context: GatewayContext) {
    this.#socket = socket
    this.#context = context
    socket.binaryType = 'nodebuffer'
    this.#silent = setTimeout(() => this.#end('unauthorized'), helloMs)
    socket.on('message', (data, isBinary) => {
      const bytes =
        isBinary && Buffer.isBuffer(data)
          ? new Uint8Array(data.buffer, data.byteOffset, data.length)
          : undefined
      void this.#hear(bytes).catch((error: unknown) => this.#fail(error))
    })
    socket.on('error', () => socket.terminate())
    socket.on('close', () => {
      clearTimeout(this.#silent)
      this.#over = true
      if (this.#caller !== undefined) context.metrics.sockets.dec()
      this.#leave?.()
    })
  }

  /** The relay stops: a client tries again elsewhere. */
  close(): void {
    this.#socket.close(1001)
  }

  async #hear(data: Uint8Array | undefined): Promise<void> {
    if (this.#over) return
    if (data === undefined) throw new SottoError('malformed', { what: 'frame' })
    const frame = decodeClientFrame(data)
    if (this.#caller === undefined) {
      if (frame.type !== 'hello') throw new SottoError('unauthorized')
      return this.#hello(frame.token)
    }
    return this.#take(this.#caller, frame)
  }

  #hello(token: string): void {
    const { auth, bus, metrics, now } = this.#context
    const caller = auth.caller(token)
    this.#caller = caller
    clearTimeout(this.#silent)
    metrics.sockets.inc()
    // Whoever was here before has to go: one device, one socket.
    bus.publish(caller.device, { kind: 'end', code: 'replaced', but: this.#id })
    this.#leave = bus.subscribe(caller.device, (event) => this.#learn(event))
    this.#say({ type: 'welcome', now: now() })
    void this.#drain(caller).catch((error: unknown) => this.#fail(error))
  }

  async #take(caller: Caller, frame: ClientFrame): Promise<void> {
    const { mailbox, batches, metrics } = this.#context
    switch (frame.type) {
      case 'hello':
        throw new SottoError('malformed', { what: 'frame' })
      case 'ping':
        return this.#say({ type: 'pong' })
      case 'ack':
        metrics.acknowledged.inc(frame.deliveries.length)
        return mailbox.acknowledge(caller.device, frame.deliveries)
      case 'send': {
        const retryAfterMs = batches.take(caller.device)
        const { ref, batch } = frame
        if (retryAfterMs > 0) {
          metrics.refused.inc({ code: 'rate-limited' })
          return this.#say({
            type: 'refused',
            ref,
            code: 'rate-limited',
            lists: [],
            devices: [],
            retryAfterMs,
          })
        }
        const answer = await mailbox.send(caller, ref, batch)
        if (answer.type === 'sent') metrics.sent.inc()
        else metrics.refused.inc({ code: answer.code })
        return this.#say(answer)
      }
    }
  }

  /** Writes the mailbox to the socket, page by page, as fast as it is read. Afterwards mail goes straight through. */
  async #drain(caller: Caller): Promise<void> {
    if (this.#draining) return
    this.#draining = true
    for (;;) {
      this.#more = false
      const page = await this.#context.mailbox.waiting(caller.device, this.#cursor, pageSize)
      for (const { id, stamped } of page) {
        if (!(await this.#drained())) return
        this.#say({ type: 'deliver', delivery: id, stamped: decodeStampedEnvelope(stamped) })
        this.#cursor = id
        this.#context.metrics.delivered.inc()
      }
      // What was committed after this page was read has been announced: then there is another one.
      if (page.length < pageSize && !this.#more) break
    }
    this.#draining = false
  }

  /** Resolves when the socket takes more; with `false` when it is gone. */
  async #drained(): Promise<boolean> {
    while (!this.#over && this.#socket.bufferedAmount > mostBuffered)
      await new Promise((resolve) => setTimeout(resolve, drainedMs))
    return !this.#over
  }

  #learn(event: BusEvent): void {
    if (this.#over || this.#caller === undefined) return
    if (event.kind === 'wake') return this.#say({ type: 'wake', what: event.what })
    if (event.kind === 'end') {
      if (event.but !== this.#id) this.#end(event.code)
      return
    }
    this.#more = true
    if (this.#draining || event.id <= this.#cursor) return
    if (this.#socket.bufferedAmount > mostBuffered) {
      void this.#drain(this.#caller).catch((error: unknown) => this.#fail(error))
      return
    }
    this.#cursor = event.id
    this.#context.metrics.delivered.inc()
    this.#socket.send(event.frame)
  }

  #say(frame: RelayFrame): void {
    if (!this.#over) this.#socket.send(encodeRelayFrame(frame))
  }

  #fail(error: unknown): void {
    this.#context.metrics.failed.inc({ code: SottoError.is(error) ? error.code : 'backend-failed' })
    this.#end(SottoError.is(error) && error.class === 'give-up' ? error.code : 'backend-failed')
  }

  #end(code: string): void {
    if (this.#over) return
    this.#say({ type: 'bye', code })
    this.#over = true
    this.#leave?.()
    this.#socket.close(1000)
    // Whoever does not answer the close is cut off.
    setTimeout(() => this.#socket.terminate(), 2000).unref()
  }
}

/** Bytes of a frame that a socket takes. */
export const maxPayload = limits.socketFrame
