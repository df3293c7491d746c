import cors from '@fastify/cors'
import { SottoError, limits } from '@sotto/protocol'
import Fastify, { type FastifyError, type FastifyInstance, type FastifyServerOptions } from 'fastify'
import type { Log } from './log.js'
import type { Metrics } from './metrics.js'
import { statusOf } from './routes.js'

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
    trustProxy,
    routerOptions: { maxParamLength: limits.accountName * 3 },
    ajv: { customOptions: { removeAdditional: false, coerceTypes: true } },
  }
  const app = Fastify(settings)
  await app.register(cors, {
    origin: [...allowedOrigins],
    methods: ['GET', 'POST', 'PUT'],
    allowedHeaders: ['authorization', 'content-type'],
    maxAge: 7200,
  })
  app.addHook('onSend', async (_request, reply) => {
    void reply.headers({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
  })
  app.addHook('onResponse', async (request, reply) => {
    metrics.requests.inc({ route: request.routeOptions.url ?? 'none', status: reply.statusCode })
  })
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    const ours = sottoError(error)
    const status = statusOf(ours)
    if (status >= 500) log.error({ code: ours.code }, 'request failed')
    if (SottoError.is(ours, 'rate-limited'))
      void reply.header('retry-after', Math.ceil(ours.details.retryAfterMs / 1000))
    return reply
      .status(status)
      .send({ code: ours.code, ...(ours.details === undefined ? {} : { details: ours.details }) })
  })
  app.setNotFoundHandler((_request, reply) => reply.status(404).send({ code: 'not-found' }))
  return app
}

/** Whatever went wrong, as one error with a code. What is not ours says nothing about our insides. */
function sottoError(error: FastifyError): SottoError {
  if (SottoError.is(error)) return error
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return new SottoError('too-large', { limit: limits.httpBody })
  if (error.statusCode !== undefined && error.statusCode < 500)
    return new SottoError('malformed', { what: 'request' })
  return new SottoError('backend-failed', {}, { cause: error })
}
