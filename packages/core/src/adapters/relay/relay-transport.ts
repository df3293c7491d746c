import { SottoError, check } from '@sotto/protocol'
import type { Connection, Transport } from '@sotto/core/ports'
import { RelayConnection } from './relay-connection.js'
import type { RelaySession } from './relay-session.js'

const openMs = 20_000

/** Opens the relay's socket: proves the device, then says so in the first frame, never in an address. */
export class RelayTransport implements Transport {
  readonly #session: RelaySession
  readonly #url: URL
  readonly #Socket: typeof WebSocket | undefined

  /** `Socket`: instead of the platform's. */
  constructor(session: RelaySession, base: URL, Socket: typeof WebSocket | undefined) {
    this.#session = session
    this.#Socket = Socket
    this.#url = new URL('socket', `${base.href.replace(/\/$/, '')}/`)
    this.#url.protocol = base.protocol === 'https:' ? 'wss:' : 'ws:'
  }

  async open({ signal }: { readonly signal: AbortSignal }): Promise<Connection> {
    try {
      return await this.#open(signal)
    } catch (error) {
      if (!SottoError.is(error, 'unauthorized') && !SottoError.is(error, 'token-expired')) throw error
      // The relay may have forgotten the token, as after it was started again. A new login says what else is wrong.
      this.#session.forget()
      return this.#open(signal)
    }
  }

  async #open(signal: AbortSignal): Promise<Connection> {
    check(!signal.aborted, 'aborted')
    const token = await this.#session.token(signal)
    const socket = await makeSocket(this.#url, this.#Socket)
    const connection = new RelayConnection(socket)
    const stop = () => connection.close()
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    const timer = setTimeout(stop, openMs)
    try {
      await connection.hello(token)
      return connection
    } catch (error) {
      connection.close()
      throw signal.aborted ? new SottoError('aborted', undefined, { cause: error }) : error
    } finally {
      clearTimeout(timer)
    }
  }
}

/** The platform's WebSocket; `ws` in a Node that has none. */
async function makeSocket(url: URL, given: typeof WebSocket | undefined): Promise<WebSocket> {
  const Socket = given ?? globalThis.WebSocket
  if (Socket !== undefined) return new Socket(url)
  const { default: NodeSocket } = await import('ws')
  return new NodeSocket(url) as unknown as WebSocket
}
