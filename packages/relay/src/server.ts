import type { AddressInfo } from 'node:net'
import { SottoError, check, isRealm, limits } from '@sotto/protocol'
import type { DestinationStream } from 'pino'
import { Accounts } from './accounts.js'
import { Auth } from './auth.js'
import type { Bus } from './bus/bus.js'
import { localBus } from './bus/local.js'
import { createHttpServer } from './http-server.js'
import { createLog } from './log.js'
import { Mailbox } from './mailbox.js'
import { createMetrics } from './metrics.js'
import { PreKeys } from './prekeys.js'
import { RateLimit } from './rate-limit.js'
import { addRoutes } from './routes.js'
import type { TokenSettings } from './site-tokens.js'
import { serveSockets } from './socket-server.js'
import { SqliteStorage } from './storage/sqlite.js'
import type { Storage } from './storage/storage.js'

export interface RelayOptions {
  /** The site's host name: lower case, no port. */
  readonly realm: string
  /** The origin clients know this relay by, or who says it. Its own address, once it listens, unless given. */
  readonly origin?: string | (() => string)
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
/** Frames a minute that make no difference to anybody. */
const idleFrames = 1200

/** A relay, to be run by a Node server of one's own. Rejects with `wrong-setting`, and as the storage does. */
export async function createRelay(options: RelayOptions): Promise<Relay> {
  const { realm, tokens, database, allowedOrigins = [], trustProxy = false, time = Date } = options
  check(isRealm(realm), 'wrong-setting', { name: 'realm' })
  const now = () => time.now()
  let listening: string | undefined
  const origin = () => {
    const { origin: set = listening } = options
    return (typeof set === 'function' ? set() : set) ?? ''
  }
  const log = createLog(options.log ?? false)
  const storage = typeof database === 'string' ? SqliteStorage.open(database) : database
  const bus = options.bus ?? localBus()
  const metrics = createMetrics()
  const auth = new Auth({ realm, tokens, storage, now, origin })
  const preKeys = new PreKeys(storage, bus, now)
  const ended = (devices: readonly string[]) => auth.forget(devices)
  const accounts = new Accounts({ realm, storage, bus, preKeys, now, ended })
  const mailbox = new Mailbox({ realm, storage, bus, now })
  const app = await createHttpServer({ allowedOrigins, log, metrics, trustProxy })
  addRoutes(app, { auth, accounts, preKeys, metrics, requests: new RateLimit(limits.requestsPerMinute, now) })
  const sockets = serveSockets(app.server, {
    allowedOrigins,
    trustProxy,
    connections: new RateLimit(limits.requestsPerMinute, now),
    gateway: {
      auth,
      mailbox,
      bus,
      metrics,
      now,
      batches: new RateLimit(limits.batchesPerMinute, now),
      idle: new RateLimit(idleFrames, now),
    },
  })

  const sweep = async () => {
    auth.sweep()
    try {
      await mailbox.sweep()
      await preKeys.sweep()
    } catch (error) {
      log.error({ code: SottoError.is(error) ? error.code : 'backend-failed' }, 'sweep failed')
    }
  }
  const sweeps = setInterval(() => void sweep(), sweepMs)
  sweeps.unref()
  await sweep()

  return {
    async listen({ host, port }) {
      await app.listen({ host, port })
      const { port: bound } = app.server.address() as AddressInfo
      const url = `http://${host.includes(':') ? `[${host}]` : host}:${bound}`
      listening = url
      log.info({ port: bound }, 'listening')
      return { url, port: bound }
    },
    async close() {
      clearInterval(sweeps)
      await sockets.close()
      await app.close()
      await bus.close()
      await storage.close()
      log.info('closed')
    },
  }
}
