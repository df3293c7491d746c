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
import { Turn, faultOfTurn, type TurnSettings } from './turn.js'

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
  /** The TURN server that calls may pass through. Without it, a call has to be direct. */
  readonly turn?: TurnSettings
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
  const { realm, database, origin, allowedOrigins = [] } = options
  check(isRealm(realm), 'wrong-setting', { name: 'realm' })
  check(allowedOrigins.every(isOrigin), 'wrong-setting', { name: 'allowedOrigins' })
  check(typeof origin !== 'string' || isOrigin(origin), 'wrong-setting', { name: 'origin' })
  const fault = options.turn && faultOfTurn(options.turn)
  if (fault !== undefined) throw new SottoError('wrong-setting', { name: `turn.${fault}` })
  const storage = typeof database === 'string' ? SqliteStorage.open(database) : database
  const bus = options.bus ?? localBus()
  try {
    return await assemble(options, storage, bus)
  } catch (error) {
    await bus.close()
    await storage.close()
    throw error
  }
}

async function assemble(options: RelayOptions, storage: Storage, bus: Bus): Promise<Relay> {
  const { realm, tokens, allowedOrigins = [], trustProxy = false, time = Date } = options
  const now = () => time.now()
  const log = createLog(options.log ?? false)
  const metrics = createMetrics()
  let listening: string | undefined
  const origin = () => {
    const { origin: set = listening } = options
    return (typeof set === 'function' ? set() : set) ?? ''
  }
  const auth = new Auth({ realm, tokens, storage, now, origin })
  const preKeys = new PreKeys(storage, bus, now)
  const ended = (devices: readonly string[]) => auth.forget(devices)
  const accounts = new Accounts({ realm, storage, bus, preKeys, now, ended })
  const mailbox = new Mailbox({ realm, storage, bus, now })

  const app = await createHttpServer({ allowedOrigins, log, metrics, trustProxy })
  const perMinute = (most: number) => new RateLimit(most, now)
  const { requestsPerMinute, batchesPerMinute } = limits
  const turn = new Turn(options.turn, now)
  addRoutes(app, { auth, accounts, preKeys, turn, metrics, requests: perMinute(requestsPerMinute) })
  const [batches, idle] = [perMinute(batchesPerMinute), perMinute(idleFrames)]
  const sockets = serveSockets(app.server, {
    allowedOrigins,
    trustProxy,
    connections: perMinute(requestsPerMinute),
    gateway: { auth, mailbox, bus, metrics, now, batches, idle },
  })

  const sweep = async () => {
    auth.sweep()
    await mailbox.sweep()
    await preKeys.sweep()
  }
  await sweep()
  const sweeps = setInterval(() => {
    sweep().catch((error: unknown) => {
      log.error({ code: SottoError.is(error) ? error.code : 'backend-failed' }, 'sweep failed')
    })
  }, sweepMs)
  sweeps.unref()

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

/** Whether `text` is an origin as browsers write it: scheme, host, and a port where it is not the usual one. */
function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text
}
