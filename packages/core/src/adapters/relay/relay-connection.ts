import {
  SottoError,
  check,
  decodeRelayFrame,
  encodeClientFrame,
  limits,
  type Batch,
  type ClientFrame,
  type RelayFrame,
} from '@sotto/protocol'
import type { Connection, Delivery, Sent } from '@sotto/core/ports'
import { AckBatch } from './ack-batch.js'
import { DeliveryQueue } from './delivery-queue.js'
import { codedError } from './http-calls.js'

const pingMs = 25_000
/** Without a frame for so long, the socket is dead, whatever it says. */
const silentMs = 60_000

/** Whoever waits for what the relay decides. */
interface Waiting {
  resolve(sent: Sent): void
  reject(error: SottoError): void
}

/** Whoever waits for any frame at all. */
interface Probe {
  resolve(): void
  reject(error: SottoError): void
}

/** One socket to the relay: frames in, frames out. It remembers nothing once it is closed. */
export class RelayConnection implements Connection {
  onwake: ((what: number) => void) | undefined
  aheadMs = 0
  readonly #socket: WebSocket
  readonly #sends = new Map<number, Waiting>()
  readonly #probes = new Set<Probe>()
  readonly #deliveries = new DeliveryQueue()
  readonly #acks = new AckBatch((deliveries) => this.#say({ type: 'ack', deliveries }))
  readonly #opened: Promise<void>
  #nextRef = 1
  #welcome: Waiting | undefined
  #end: { readonly error?: SottoError } | undefined
  #heardAt = performance.now()
  #pings: ReturnType<typeof setInterval> | undefined

  constructor(socket: WebSocket) {
    this.#socket = socket
    socket.binaryType = 'arraybuffer'
    this.#opened = new Promise((resolve) => {
      socket.addEventListener('open', () => resolve(), { once: true })
    })
    socket.addEventListener('message', ({ data }) => this.#hear(data))
    socket.addEventListener('close', () => this.#over())
    socket.addEventListener('error', () => this.#over())
  }

  /** Says who we are. Resolves when the relay has let us in. */
  async hello(token: string): Promise<void> {
    const welcomed = new Promise<unknown>((resolve, reject) => {
      this.#welcome = { resolve, reject }
      if (this.#end !== undefined) reject(this.#end.error ?? new SottoError('offline'))
    })
    welcomed.catch(() => undefined)
    await Promise.race([this.#opened, welcomed])
    this.#say({ type: 'hello', token })
    await welcomed
    if (this.#end === undefined) this.#pings = setInterval(() => this.#ping(), pingMs)
  }

  send(batch: Batch): Promise<Sent> {
    if (this.#end !== undefined) return Promise.reject(this.#end.error ?? new SottoError('offline'))
    const ref = this.#nextRef++
    return new Promise((resolve, reject) => {
      const frame = encodeClientFrame({ type: 'send', ref, batch })
      check(frame.length <= limits.socketFrame, 'too-large', { limit: limits.socketFrame })
      this.#sends.set(ref, { resolve, reject })
      this.#write(frame)
    })
  }

  probe(): Promise<void> {
    if (this.#end !== undefined) return Promise.reject(new SottoError('offline'))
    return new Promise((resolve, reject) => {
      this.#probes.add({ resolve, reject })
      this.#say({ type: 'ping' })
    })
  }

  close(): void {
    if (this.#end === undefined) this.#acks.flush()
    this.#over()
  }

  [Symbol.asyncIterator](): AsyncIterator<Delivery> {
    return this.#deliveries[Symbol.asyncIterator]()
  }

  #say(frame: ClientFrame): void {
    this.#write(encodeClientFrame(frame))
  }

  #write(frame: Uint8Array): void {
    if (this.#end !== undefined) return
    try {
      this.#socket.send(frame)
    } catch {
      this.#over()
    }
  }

  #hear(data: unknown): void {
    this.#heardAt = performance.now()
    for (const probe of this.#probes) probe.resolve()
    this.#probes.clear()
    let frame: RelayFrame
    try {
      if (!(data instanceof ArrayBuffer)) throw new SottoError('malformed', { what: 'frame' })
      frame = decodeRelayFrame(new Uint8Array(data))
    } catch (error) {
      // A relay that sends what is no frame is broken, or is not one. What was sent before is known to nobody.
      return this.#over(
        SottoError.is(error) ? new SottoError('backend-failed', {}, { cause: error }) : undefined,
      )
    }
    this.#take(frame, data.byteLength)
  }

  #take(frame: RelayFrame, size: number): void {
    switch (frame.type) {
      case 'welcome':
        this.aheadMs = frame.now - Date.now()
        return this.#welcome?.resolve({ outcome: 'sent', at: frame.now })
      case 'sent':
        return this.#settle(frame.ref, { outcome: 'sent', at: frame.at })
      case 'refused': {
        const { code, lists, devices, retryAfterMs } = frame
        const refused = { outcome: 'refused' as const, code, lists, devices }
        return this.#settle(frame.ref, retryAfterMs === undefined ? refused : { ...refused, retryAfterMs })
      }
      case 'deliver': {
        const { stamped, delivery } = frame
        const taken = this.#deliveries.push({ stamped, ack: () => this.#acks.add(delivery) }, size)
        return taken ? undefined : this.#over()
      }
      case 'wake':
        return this.onwake?.(frame.what)
      case 'bye': {
        const { code, epoch, sends, retryAfterMs } = frame
        return this.#over(codedError(code, { epoch, sends, retryAfterMs }))
      }
      case 'pong':
        return
    }
  }

  #settle(ref: number, sent: Sent): void {
    this.#sends.get(ref)?.resolve(sent)
    this.#sends.delete(ref)
  }

  #ping(): void {
    if (performance.now() - this.#heardAt > silentMs) return this.#over()
    this.#say({ type: 'ping' })
  }

  #over(error?: SottoError): void {
    if (this.#end !== undefined) return
    this.#end = error === undefined ? {} : { error }
    clearInterval(this.#pings)
    const unknown = error ?? new SottoError('offline')
    this.#welcome?.reject(unknown)
    for (const waiting of this.#sends.values()) waiting.reject(unknown)
    for (const probe of this.#probes) probe.reject(unknown)
    this.#sends.clear()
    this.#probes.clear()
    this.#deliveries.end(error)
    this.#socket.close()
  }
}
