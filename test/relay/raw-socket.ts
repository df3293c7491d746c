import {
  decodeRelayFrame,
  encodeClientFrame,
  type Batch,
  type ClientFrame,
  type RelayFrame,
} from '@sotto/protocol'
import { WebSocket } from 'ws'
import { until } from '../support/until.js'

type Frame<T extends RelayFrame['type']> = Extract<RelayFrame, { type: T }>

/** A socket to the relay that says frames or any bytes, and keeps what it hears until it is asked for. */
export class RawSocket {
  readonly heard: RelayFrame[] = []
  isClosed = false
  readonly #socket: WebSocket
  #nextRef = 1

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data: Buffer) => this.heard.push(decodeRelayFrame(new Uint8Array(data))))
    socket.on('close', () => (this.isClosed = true))
    socket.on('error', () => (this.isClosed = true))
  }

  static async open(url: string, headers: Record<string, string> = {}): Promise<RawSocket> {
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/socket`, { headers })
    const made = new RawSocket(socket)
    await new Promise<void>((resolve, reject) => {
      socket.once('open', () => resolve())
      socket.once('error', reject)
    })
    return made
  }

  say(frame: ClientFrame): void {
    this.raw(encodeClientFrame(frame))
  }

  raw(bytes: Uint8Array | string): void {
    this.#socket.send(bytes)
  }

  /** Takes the next frame of that type; what else came stays. */
  async next<T extends RelayFrame['type']>(type: T): Promise<Frame<T>> {
    await until(() => this.heard.some((one) => one.type === type) || this.isClosed)
    const at = this.heard.findIndex((one) => one.type === type)
    if (at < 0) throw new Error(`closed before ${type}: ${JSON.stringify(this.heard.map((one) => one.type))}`)
    return this.heard.splice(at, 1)[0] as Frame<T>
  }

  /** Sends a batch and answers what became of it. */
  async send(batch: Batch): Promise<Frame<'sent' | 'refused'>> {
    const ref = this.#nextRef++
    this.say({ type: 'send', ref, batch })
    const isAnswer = (one: RelayFrame) => (one.type === 'sent' || one.type === 'refused') && one.ref === ref
    await until(() => this.heard.some(isAnswer) || this.isClosed)
    const at = this.heard.findIndex(isAnswer)
    if (at < 0) throw new Error('closed before an answer')
    return this.heard.splice(at, 1)[0] as Frame<'sent' | 'refused'>
  }

  /** The code of the `bye`, once the socket is closed. */
  async bye(): Promise<Frame<'bye'>> {
    const bye = await this.next('bye')
    await until(() => this.isClosed)
    return bye
  }

  /** Everything that was said before has been heard, and whatever came of it is here. */
  async settle(): Promise<void> {
    this.say({ type: 'ping' })
    await this.next('pong')
  }

  close(): void {
    this.#socket.terminate()
  }

  /** Stops and starts reading, as a client on a slow line. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }
}
