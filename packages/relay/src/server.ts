import type { AddressInfo } from 'node:net'
import { SottoError, check, isRealm } from '@sotto/protocol'
import { limits } from '@sotto/protocol'
import { WebSocketServer } from 'ws'
import type { DestinationStream } from 'pino'
import { Accounts } from './accounts.js'
import { Auth, type TokenSettings } from './auth.js'
import type { Bus } from './bus/bus.js'
import { localBus } from './bus/local.js'
import { Gateway, maxPayload } from './gateway.js'
import { createHttpServer } from './http-server.js'
import { createLog } from './log.js'
import { Mailbox } from './mailbox.js'
import { createMetrics } from './metrics.js'
import { PreKeys } from './prekeys.js'
import { RateLimit } from './rate-limit.js'
import { addRoutes } from './routes.js'
import { SqliteStorage } from './storage/sqlite.js'
import type { Storage } from './storage/storage.js'

export interface RelayOptions {
  /** The site's host name: lower case, no port. */
  readonly realm: string
  /** The address clients know this relay by. Its own, once it listens, unless given. */
  readonly origin?: string
  /** A SQLite file, `:memory:`, or another storage. */
  readonly database: string | Storage
  readonly tokens: TokenSettings
  /** Origins of pages that may call. */
  readonly allowedOrigins?: readonly string[]
  readonly bus?: Bus
  readonly log?: boolean | DestinationStream
  /** Behind a proxy that sets `x-forwarded-for`. */
  readonly trustProxy?: boolean
  readonly time?: { now(): number }
}

export interface Relay {
  /** Resolves when it can be called. Rejects as Node's `listen` does. */
  listen(options: {
    readonly host: string
    readonly port: number
  }): Promise<{ readonly url: string; readonly port: number }>
  /** Ends all sockets, finishes what it has begun, closes the storage. */
  close(): Promise<void>
}

const sweepMs = 10 * 60_000
const shortestSecret = 32

/** A relay, to be run by a Node server of one's own. Throws `wrong-setting`; rejects as the storage does. */
export async function createRelay(options: RelayOptions): Promise<Relay> {
  const { realm, tokens, database, allowedOrigins = [], time = Date } = options
  check(isRealm(realm), 'wrong-setting', { name: 'realm' })
  if ('secret' in tokens) check(tokens.secret.length >= shortestSecret, 'wrong-setting', { name: 'secret' })
  const now = () => time.now()
  const log = createLog(options.log ?? false)
  const storage = typeof database === 'string' ? SqliteStorage.open(database) : database
  const bus = options.bus ?? localBus()
  const metrics = createMetrics()
  let origin = options.origin
  const auth = new Auth({ realm, tokens, storage, now, origin: () => origin ?? '' })
  const preKeys = new PreKeys(storage, bus, now)
  const ended = (devices: readonly string[]) => auth.forget(devices)
  const accounts = new Accounts({ realm, storage, bus, preKeys, ended })
  const mailbox = new Mailbox({ realm, storage, bus, now })
  const app = await createHttpServer({
    allowedOrigins,
    log,
    metrics,
    trustProxy: options.trustProxy ?? false,
  })
  addRoutes(app, { auth, accounts, preKeys, metrics, requests: new RateLimit(limits.requestsPerMinute, now) })

  const gateways = new Set<Gateway>()
  const sockets = new WebSocketServer({ noServer: true, maxPayload, perMessageDeflate: false })
  const batches = new RateLimit(limits.batchesPerMinute, now)
  app.server.on('upgrade', (request, socket, head) => {
    const from = request.headers.origin
    const isAllowed = from === undefined || allowedOrigins.includes(from)
    if (request.url !== '/socket' || !isAllowed) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    sockets.handleUpgrade(request, socket, head, (opened) => {
      const gateway = new Gateway(opened, { auth, mailbox, bus, batches, metrics, now })
      gateways.add(gateway)
      opened.once('close', () => gateways.delete(gateway))
    })
    return undefined
  })
  const sweep = setInterval(() => {
    auth.sweep()
    mailbox
      .sweep()
      .catch((error: unknown) =>
        log.error({ code: SottoError.is(error) ? error.code : 'backend-failed' }, 'sweep failed'),
      )
  }, sweepMs)
  sweep.unref()

  return {
    async listen({ host, port }) {
      await app.listen({ host, port })
      const { port: bound } = app.server.address() as AddressInfo
      const url = `http://${host.includes(':') ? `[${host}]` : host}:${bound}`
      origin ??= url
      log.info({ port: bound }, 'listening')
      return { url, port: bound }
    },
    async close() {
      clearInterval(sweep)
      for (const gateway of gateways) gateway.close()
      sockets.close()
      await app.close()
      await bus.close()
      await storage.close()
      log.info('closed')
    },
  }
}
