import { check, fromBase64Url, isAccountName } from '@sotto/protocol'
import type { FastifyInstance } from 'fastify'
import type { Accounts } from './accounts.js'
import { bearers, type Bearers } from './bearers.js'
import type { Auth } from './auth.js'
import type { Metrics } from './metrics.js'
import { networkOf } from './network-of.js'
import type { PreKeys } from './prekeys.js'
import type { RateLimit } from './rate-limit.js'
import * as schemas from './schemas.js'
import type { Turn } from './turn.js'
import type { Upload } from './upload.js'

export interface RoutesContext {
  readonly auth: Auth
  readonly accounts: Accounts
  readonly preKeys: PreKeys
  readonly turn: Turn
  readonly requests: RateLimit
  readonly metrics: Metrics
}

/** The relay's HTTP calls (docs/protocol.md). Schemas say what a body may be; what is signed inside is verified by who stores it. */
export function addRoutes(app: FastifyInstance, context: RoutesContext): void {
  const { auth, requests, metrics } = context
  app.get('/health', () => ({ ok: true }))
  app.get('/metrics', async (_request, reply) => {
    void reply.type(metrics.registry.contentType)
    return metrics.registry.metrics()
  })
  addLogin(app, auth, requests)
  addLists(app, context, bearers(context))
  addKeys(app, context, bearers(context))
  addCalls(app, context, bearers(context))
}

function addLogin(app: FastifyInstance, auth: Auth, requests: RateLimit): void {
  app.post<{ Body: schemas.Login }>('/login', { schema: { body: schemas.login } }, async ({ body, ip }) => {
    requests.check(`login ${networkOf(ip)}`)
    const { token, ...claimed } = body
    return { nonce: await auth.ask(token, claimed) }
  })

  app.post<{ Body: schemas.Proof }>('/login/proof', { schema: { body: schemas.proof } }, ({ body, ip }) => {
    requests.check(`login ${networkOf(ip)}`)
    return auth.prove(body.nonce, fromBase64Url(body.signature))
  })
}

function addLists(app: FastifyInstance, { accounts }: RoutesContext, { anyOf }: Bearers): void {
  app.put<{ Body: schemas.Publish }>('/devices', { schema: { body: schemas.publish } }, async (request) => {
    const { list, keys } = request.body
    const by = await anyOf(request, costOf(keys))
    await accounts.publish(by, fromBase64Url(list), keys && uploadOf(keys))
    return {}
  })

  app.get<{ Params: { account: string }; Querystring: schemas.Since }>(
    '/devices/:account',
    { schema: { params: schemas.account, querystring: schemas.since } },
    async (request) => {
      await anyOf(request)
      const { account } = request.params
      check(isAccountName(account), 'malformed', { what: 'account' })
      const { era, sequence } = request.query
      const since =
        era === undefined || sequence === undefined
          ? undefined
          : { era: Number(era), sequence: Number(sequence) }
      return { lists: (await accounts.lists(account, since)).map(encoded) }
    },
  )
}

function addKeys(app: FastifyInstance, { preKeys }: RoutesContext, { deviceOf }: Bearers): void {
  app.put<{ Body: schemas.Keys }>('/keys', { schema: { body: schemas.keys } }, async (request) => {
    await preKeys.publish(await deviceOf(request, costOf(request.body)), uploadOf(request.body))
    return {}
  })

  app.get('/keys/count', async (request) => preKeys.count(await deviceOf(request)))

  app.post<{ Params: { account: string; device: string } }>(
    '/keys/:account/:device/claim',
    { schema: { params: schemas.address } },
    async (request) => {
      const { account, device } = request.params
      const { signedPreKey, preKey } = await preKeys.claim(await deviceOf(request), account, device)
      return {
        signedPreKey: encoded(signedPreKey),
        ...(preKey === undefined ? {} : { preKey: encoded(preKey) }),
      }
    },
  )
}

function addCalls(app: FastifyInstance, { turn }: RoutesContext, { deviceOf }: Bearers): void {
  app.post('/calls/turn', async (request) => turn.letIn(await deviceOf(request)))
}

const encoded = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')

/** What prekeys to verify count as, in requests: a signature is work. */
const costOf = (keys: schemas.Keys | undefined): number => 1 + Math.floor((keys?.preKeys.length ?? 0) / 10)

function uploadOf({ signedPreKey, preKeys }: schemas.Keys): Upload {
  return {
    ...(signedPreKey === undefined ? {} : { signedPreKey: fromBase64Url(signedPreKey) }),
    preKeys: preKeys.map(fromBase64Url),
  }
}
