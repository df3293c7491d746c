import type { Socket } from 'node:net'
import cors from '@fastify/cors'
import { SottoError, limits } from '@sotto/protocol'
import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyServerOptions,
} from 'fastify'
import { statusOf } from './http-status.js'
import type { Log } from './log.js'
import type { Metrics } from './metrics.js'

/** Milliseconds for a request to arrive whole. */
const requestMs = 30_000

/** The HTTP side, without its routes: CORS for the sites that may use it, typed errors, logs of codes alone. */
export async function createHttpServer(options: {
  readonly allowedOrigins: readonly string[]
  readonly log: Log
  readonly metrics: Metrics
  readonly trustProxy: boolean
}): Promise<FastifyInstance> {
  const { allowedOrigins, log, metrics, trustProxy } = options
  const settings: FastifyServerOptions = {
    // Fastify's own lines hold addresses of calls, and those hold account names.
    logger: false,
    bodyLimit: limits.httpBody,
    requestTimeout: requestMs,
    // One proxy: the last address it adds is true, those before it are the caller's word.
    trustProxy: trustProxy && ((_address, hop) => hop === 0),
    routerOptions: { maxParamLength: limits.accountName * 3 },
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
    clientErrorHandler: (_error, socket) => refuseClient(socket),
    frameworkErrors: (error, _request, reply: FastifyReply) => {
      void reply.status(400).send(bodyOf(sottoError(error)))
    },
  }
  const app = Fastify(settings)
  await app.register(cors, {
    origin: [...allowedOrigins],
    methods: ['GET', 'POST', 'PUT'],
    allowedHeaders: ['authorization', 'content-type'],
    maxAge: 7200,
    strictPreflight: false,
  })
  app.addHook('onSend', async (_request, reply) => {
    void reply.headers({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    })
  })
  app.addHook('onResponse', async (request, reply) => {
    metrics.requests.inc({ route: request.routeOptions.url ?? 'none', status: reply.statusCode })
  })
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    const ours = sottoError(error)
    const status = statusOf(ours)
    if (status >= 500) log.error({ code: ours.code, cause: codeOf(ours.cause) }, 'request failed')
    if (SottoError.is(ours, 'rate-limited')) {
      void reply.header('retry-after', Math.ceil(ours.details.retryAfterMs / 1000))
    }
    return reply.status(status).send(bodyOf(ours))
  })
  app.setNotFoundHandler((_request, reply) => reply.status(404).send({ code: 'not-found' }))
  return app
}

/** Whatever went wrong, as one error with a code. What is not ours says nothing about our insides. */
function sottoError(error: FastifyError): SottoError {
  if (SottoError.is(error)) return error
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new SottoError('too-large', { limit: limits.httpBody })
  }
  if (error.statusCode !== undefined && error.statusCode < 500) {
    return new SottoError('malformed', { what: 'request' })
  }
  return new SottoError('backend-failed', {}, { cause: error })
}

function bodyOf({ code, details }: SottoError): Record<string, unknown> {
  return details === undefined ? { code } : { code, details }
}

/** The code of a cause, as `SQLITE_FULL` or `ECONNREFUSED`: it names what failed and nobody. */
function codeOf(cause: unknown): string | undefined {
  const { code } = (cause ?? {}) as { code?: unknown }
  return typeof code === 'string' ? code : undefined
}

/** Bytes that are no HTTP get the same kind of answer as everything else that is malformed. */
function refuseClient(socket: Socket): void {
  if (socket.destroyed || !socket.writable) return
  const body = JSON.stringify({ code: 'malformed', details: { what: 'request' } })
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  )
}
