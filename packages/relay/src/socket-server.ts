import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { Gateway, maxPayload, type GatewayContext } from './gateway.js'
import { networkOf } from './network-of.js'
import type { RateLimit } from './rate-limit.js'

/** Milliseconds after which a socket that does not even answer a ping is dead: at most two of these. */
const beatMs = 30_000

export interface SocketServerOptions {
  readonly allowedOrigins: readonly string[]
  readonly trustProxy: boolean
  /** Connections by address. */
  readonly connections: RateLimit
  readonly gateway: GatewayContext
}

/** Takes the upgrades of a HTTP server at `/socket`, one gateway for each. Resolves its `close` when what they had begun is done. */
export function serveSockets(server: Server, options: SocketServerOptions): { close(): Promise<void> } {
  const { allowedOrigins, connections, trustProxy, gateway: context } = options
  const gateways = new Set<Gateway>()
  const sockets = new WebSocketServer({ noServer: true, maxPayload, perMessageDeflate: false })

  server.on('upgrade', (request, socket, head) => {
    // Node takes its own listener away when it hands a socket over: without one, a reset would end the process.
    socket.on('error', () => socket.destroy())
    const { origin } = request.headers
    if (request.url !== '/socket') return refuse(socket, '404 Not Found', { code: 'not-found' })
    if (origin !== undefined && !allowedOrigins.includes(origin)) {
      return refuse(socket, '403 Forbidden', { code: 'forbidden' })
    }
    const retryAfterMs = connections.take(`socket ${networkOf(addressOf(request, trustProxy))}`)
    if (retryAfterMs > 0) {
      return refuse(socket, '429 Too Many Requests', { code: 'rate-limited', details: { retryAfterMs } })
    }
    sockets.handleUpgrade(request, socket, head, (opened) => {
      const gateway = new Gateway(opened, context)
      gateways.add(gateway)
      opened.once('close', () => gateways.delete(gateway))
    })
  })
  const beat = setInterval(() => gateways.forEach((one) => one.beat()), beatMs)
  beat.unref()

  return {
    async close() {
      clearInterval(beat)
      sockets.close()
      await Promise.all([...gateways].map((one) => one.close()))
    },
  }
}

/** Behind one proxy, the last address that it has added is true. */
function addressOf({ headers, socket }: IncomingMessage, trustProxy: boolean): string {
  const forwarded = trustProxy ? headers['x-forwarded-for'] : undefined
  const last = String(forwarded ?? '')
    .split(',')
    .at(-1)
    ?.trim()
  return last === undefined || last === '' ? (socket.remoteAddress ?? '') : last
}

function refuse(socket: Duplex, status: string, body: unknown): void {
  const text = JSON.stringify(body)
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
  )
}
