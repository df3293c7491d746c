import { randomUUID } from 'node:crypto'
import {
  SottoError,
  check,
  encodeRelayFrame,
  limits,
  type Batch,
  type ClientFrame,
  type ErrorCode,
  type RelayFrame,
} from '@sotto/protocol'
import type { WebSocket } from 'ws'
import type { Auth } from './auth.js'
import type { Bus, BusEvent } from './bus/bus.js'
import { Delivery } from './delivery.js'
import type { Caller } from './login-tokens.js'
import type { Mailbox } from './mailbox.js'
import type { Metrics } from './metrics.js'
import type { RateLimit } from './rate-limit.js'
import { readFrame } from './read-frame.js'
import { sentFrame } from './sent-frame.js'

const helloMs = 10_000
const closeMs = 2000
/** Bytes. Whoever asks and does not read the answers is cut off. */
const mostUnread = 8 * 1024 * 1024

/** Bytes of a message that a socket takes: above the limit of a frame, so that a frame which is too large is told so. */
export const maxPayload = 2 * limits.socketFrame

export interface GatewayContext {
  readonly auth: Auth
  readonly mailbox: Mailbox
  readonly bus: Bus
  readonly batches: RateLimit
  /** What makes no difference to anybody: pings, acknowledgements of nothing, batches that come too fast. */
  readonly idle: RateLimit
  readonly metrics: Metrics
  readonly now: () => number
}

type State =
  | { readonly name: 'new' }
  | { readonly name: 'greeting'; readonly welcomed: Promise<void>; readonly leave: () => void }
  | {
      readonly name: 'open'
      readonly caller: Caller
      readonly delivery: Delivery
      readonly leave: () => void
    }
  | { readonly name: 'over' }

/** One socket of one device: it says hello, gets its mail, sends batches. */
export class Gateway {
  readonly #socket: WebSocket
  readonly #context: GatewayContext
  readonly #id = randomUUID()
  readonly #silent: NodeJS.Timeout
  readonly #working = new Set<Promise<void>>()
  #state: State = { name: 'new' }
  #stopping = false
  #alive = true

  constructor(socket: WebSocket, context: GatewayContext) {
    this.#socket = socket
    this.#context = context
    socket.binaryType = 'nodebuffer'
    this.#silent = setTimeout(() => this.#end('unauthorized'), helloMs)
    socket.on('message', (data, isBinary) => {
      this.#alive = true
      if (this.#stopping || this.#state.name === 'over') return
      try {
        const work = this.#hear(isBinary && Buffer.isBuffer(data) ? data : undefined)
        if (work !== undefined) this.#await(work)
      } catch (error) {
        this.#fail(error)
      }
    })
    socket.on('pong', () => (this.#alive = true))
    socket.on('error', () => socket.terminate())
    socket.on('close', () => this.#leave())
  }

  /** Cuts off who has not been heard since the last beat, and asks whether the others are there. */
  beat(): void {
    if (!this.#alive) return this.#socket.terminate()
    this.#alive = false
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping()
  }

  /** The relay stops: what was begun is answered, nothing more is heard. The client tries again elsewhere. */
  async close(): Promise<void> {
    this.#stopping = true
    await Promise.all(this.#working)
    this.#leave()
    this.#closeSocket(1001)
  }

  #await(work: Promise<void>): void {
    const done = work
      .catch((error: unknown) => this.#fail(error))
      .then(() => {
        this.#working.delete(done)
      })
    this.#working.add(done)
  }

  /** What is done at once is done when this returns. */
  #hear(data: Buffer | undefined): Promise<void> | undefined {
    check(data !== undefined, 'malformed', { what: 'frame' })
    const frame = readFrame(data)
    if (this.#state.name === 'new') {
      check(frame.type === 'hello', 'unauthorized')
      return this.#hello(frame.token)
    }
    if (this.#state.name === 'greeting') {
      return this.#state.welcomed.then(() => {
        if (this.#state.name === 'open') return this.#take(this.#state, frame)
      })
    }
    if (this.#state.name === 'open') return this.#take(this.#state, frame)
  }

  /** Listens before it asks whether the device is still one, so that a removal meanwhile is not missed. */
  #hello(token: string): Promise<void> {
    const { auth, bus } = this.#context
    const { device } = auth.claimed(token)
    const leave = bus.subscribe(device, (event) => this.#learn(event))
    const welcomed = auth.caller(token).then((caller) => this.#welcome(caller, leave))
    this.#state = { name: 'greeting', welcomed, leave }
    return welcomed
  }

  #welcome(caller: Caller, leave: () => void): void {
    if (this.#state.name !== 'greeting') return
    const { bus, mailbox, metrics, now } = this.#context
    const { device } = caller
    clearTimeout(this.#silent)
    const delivery = new Delivery({
      device,
      socket: this.#socket,
      mailbox,
      delivered: () => metrics.delivered.inc(),
      failed: (error) => this.#fail(error),
    })
    this.#state = { name: 'open', caller, delivery, leave }
    metrics.sockets.inc()
    // Whoever was here before has to go: one device, one socket.
    bus.publish(device, { kind: 'end', code: 'replaced', but: this.#id })
    this.#say({ type: 'welcome', now: now() })
    delivery.start()
  }

  #take({ caller, delivery }: State & { name: 'open' }, frame: ClientFrame): Promise<void> | undefined {
    switch (frame.type) {
      case 'hello':
        throw new SottoError('malformed', { what: 'frame' })
      case 'ping':
        this.#countIdle(caller)
        this.#say({ type: 'pong' })
        return
      case 'ack':
        return this.#acknowledge(caller, delivery, frame.deliveries)
      case 'send': {
        const retryAfterMs = this.#context.batches.take(caller.device)
        if (retryAfterMs === 0) return this.#send(caller, frame.ref, frame.batch)
        this.#countIdle(caller)
        this.#refuse(frame.ref, 'rate-limited', retryAfterMs)
      }
    }
  }

  async #acknowledge(caller: Caller, delivery: Delivery, deliveries: readonly number[]): Promise<void> {
    const count = await delivery.acknowledge(deliveries)
    if (count === 0) this.#countIdle(caller)
    this.#context.metrics.acknowledged.inc(count)
  }

  async #send(caller: Caller, ref: number, batch: Batch): Promise<void> {
    const { mailbox, metrics } = this.#context
    try {
      const answer = await mailbox.send(caller, ref, batch)
      if (answer.type === 'sent') {
        metrics.sent.inc()
        this.#write(sentFrame(ref, answer.at))
      } else {
        metrics.refused.inc({ code: answer.code })
        this.#say(answer)
      }
    } catch (error) {
      // Nothing of it was stored. Mail can still be read, so that the socket stays.
      if (SottoError.is(error) && error.class === 'give-up' && error.code !== 'store-full') throw error
      metrics.failed.inc({ code: SottoError.is(error) ? error.code : 'backend-failed' })
      this.#refuse(ref, 'backend-failed')
    }
  }

  #refuse(ref: number, code: ErrorCode, retryAfterMs?: number): void {
    this.#context.metrics.refused.inc({ code })
    const when = retryAfterMs === undefined ? {} : { retryAfterMs }
    this.#say({ type: 'refused', ref, code, lists: [], devices: [], ...when })
  }

  #countIdle({ device }: Caller): void {
    this.#context.idle.check(device)
  }

  #learn(event: BusEvent): void {
    // A connection that is not open yet is newer than the one that says `replaced`.
    if (this.#state.name === 'greeting' && event.kind === 'end' && event.code === 'device-removed') {
      return this.#end(event.code)
    }
    if (this.#state.name !== 'open') return
    if (event.kind === 'mail') return this.#state.delivery.announce(event)
    if (event.kind === 'wake') return this.#say({ type: 'wake', what: event.what })
    if (event.but !== this.#id) this.#end(event.code)
  }

  #say(frame: RelayFrame): void {
    this.#write(encodeRelayFrame(frame))
  }

  #write(frame: Uint8Array): void {
    if (this.#state.name === 'over') return
    if (this.#socket.bufferedAmount > mostUnread) return this.#socket.terminate()
    this.#socket.send(frame)
  }

  /** What is the client's mistake ends its socket with the code; what is ours says no more than that. */
  #fail(error: unknown): void {
    const code = SottoError.is(error) && told.has(error.code) ? error.code : 'backend-failed'
    this.#context.metrics.failed.inc({ code: SottoError.is(error) ? error.code : 'backend-failed' })
    if (SottoError.is(error, 'rolled-back')) return this.#end(code, error.details)
    if (SottoError.is(error, 'rate-limited'))
      return this.#end(code, { retryAfterMs: error.details.retryAfterMs })
    this.#end(code)
  }

  #end(
    code: ErrorCode,
    more: { readonly epoch?: number; readonly sends?: number; readonly retryAfterMs?: number } = {},
  ): void {
    if (this.#state.name === 'over') return
    this.#say({ type: 'bye', code, ...more })
    this.#leave()
    this.#closeSocket(1000)
  }

  #leave(): void {
    clearTimeout(this.#silent)
    const state = this.#state
    this.#state = { name: 'over' }
    if (state.name === 'open') {
      this.#context.metrics.sockets.dec()
      state.delivery.stop()
    }
    if (state.name === 'open' || state.name === 'greeting') state.leave()
  }

  /** Whoever does not answer the close is cut off. */
  #closeSocket(status: number): void {
    this.#socket.close(status)
    setTimeout(() => this.#socket.terminate(), closeMs).unref()
  }
}

/** Codes that a client is told; all others are ours alone. */
const told: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'malformed',
  'too-large',
  'unsupported-version',
  'unauthorized',
  'token-expired',
  'unknown-device',
  'device-removed',
  'rolled-back',
  'rate-limited',
])
