import { SottoError, check, fromBase64Url, isAccountName, limits, type ErrorCode } from '@sotto/protocol'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Accounts } from './accounts.js'
import type { Auth } from './auth.js'
import type { Metrics } from './metrics.js'
import type { PreKeys, Upload } from './prekeys.js'
import type { RateLimit } from './rate-limit.js'

export interface RoutesContext {
  readonly auth: Auth
  readonly accounts: Accounts
  readonly preKeys: PreKeys
  readonly requests: RateLimit
  readonly metrics: Metrics
}

const hex = (length: number) => ({ type: 'string', pattern: `^[0-9a-f]{${length}}$` })
const base64 = (most: number) => ({ type: 'string', maxLength: most, pattern: '^[A-Za-z0-9_-]*$' })
const object = (properties: Record<string, unknown>, required: readonly string[]) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
})
const signed = base64(limits.httpBody)
const keys = object(
  { signedPreKey: signed, preKeys: { type: 'array', maxItems: limits.preKeysHeld, items: signed } },
  ['preKeys'],
)
const token = { type: 'string', minLength: 1, maxLength: 8192 }
const device = hex(32)
const account = { type: 'string', maxLength: limits.accountName }

interface KeysBody {
  readonly signedPreKey?: string
  readonly preKeys: readonly string[]
}

/** The relay's HTTP calls (docs/protocol.md). Schemas say what a body may be; what is signed inside is verified by who stores it. */
export function addRoutes(
  app: FastifyInstance,
  { auth, accounts, preKeys, requests, metrics }: RoutesContext,
): void {
  const bearer = (request: FastifyRequest): string => {
    const given = /^Bearer ([A-Za-z0-9._~+/=-]{1,8192})$/.exec(request.headers.authorization ?? '')?.[1]
    check(given !== undefined, 'unauthorized')
    return given
  }
  const caller = (request: FastifyRequest) => {
    const found = auth.caller(bearer(request))
    requests.check(found.device)
    return found
  }
  /** The account, by the site's token or by ours. */
  const accountOf = async (
    request: FastifyRequest,
  ): Promise<{ readonly account: string; readonly proven: boolean }> => {
    const given = bearer(request)
    const isSite = given.includes('.')
    const found = isSite ? await auth.siteAccount(given) : auth.caller(given).account
    requests.check(found)
    return { account: found, proven: !isSite }
  }

  app.get('/health', () => ({ ok: true }))
  app.get('/metrics', async (_request, reply) => {
    void reply.type(metrics.registry.contentType)
    return metrics.registry.metrics()
  })

  const login = {
    body: object(
      { token, accountId: hex(64), device, epoch: { type: 'integer', minimum: 0, maximum: 0xffff_ffff } },
      ['token', 'accountId', 'device', 'epoch'],
    ),
  }
  app.post<{ Body: { token: string; accountId: string; device: string; epoch: number } }>(
    '/login',
    { schema: login },
    async ({ body, ip }) => {
      requests.check(`login ${ip}`)
      const { token, ...claimed } = body
      return { nonce: await auth.ask(token, claimed) }
    },
  )

  const proof = { body: object({ nonce: base64(64), signature: base64(128) }, ['nonce', 'signature']) }
  app.post<{ Body: { nonce: string; signature: string } }>(
    '/login/proof',
    { schema: proof },
    ({ body, ip }) => {
      requests.check(`login ${ip}`)
      return auth.prove(body.nonce, fromBase64Url(body.signature))
    },
  )

  const publish = { body: object({ list: signed, keys }, ['list']) }
  app.put<{ Body: { list: string; keys?: KeysBody } }>('/devices', { schema: publish }, async (request) => {
    const { account: name, proven } = await accountOf(request)
    const { list, keys: given } = request.body
    await accounts.publish(name, fromBase64Url(list), given && uploadOf(given), proven)
    return {}
  })

  const lists = {
    params: object({ account }, ['account']),
    querystring: {
      type: 'object',
      properties: { era: { type: 'integer', minimum: 0 }, sequence: { type: 'integer', minimum: 0 } },
    },
  }
  app.get<{ Params: { account: string }; Querystring: { era?: number; sequence?: number } }>(
    '/devices/:account',
    { schema: lists },
    async (request) => {
      await accountOf(request)
      const { era, sequence } = request.query
      check(isAccountName(request.params.account), 'malformed', { what: 'account' })
      const since = era === undefined || sequence === undefined ? undefined : { era, sequence }
      const found = await accounts.lists(request.params.account, since)
      return { lists: found.map((one) => Buffer.from(one).toString('base64url')) }
    },
  )

  app.put<{ Body: KeysBody }>('/keys', { schema: { body: keys } }, async (request) => {
    await preKeys.publish(caller(request), uploadOf(request.body))
    return {}
  })

  app.get('/keys/count', (request) => preKeys.count(caller(request)))

  const claim = { params: object({ account, device }, ['account', 'device']) }
  app.post<{ Params: { account: string; device: string } }>(
    '/keys/:account/:device/claim',
    { schema: claim },
    async (request) => {
      const { signedPreKey, preKey } = await preKeys.claim(
        caller(request),
        request.params.account,
        request.params.device,
      )
      const encoded = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')
      return {
        signedPreKey: encoded(signedPreKey),
        ...(preKey === undefined ? {} : { preKey: encoded(preKey) }),
      }
    },
  )
}

function uploadOf({ signedPreKey, preKeys }: KeysBody): Upload {
  return {
    ...(signedPreKey === undefined ? {} : { signedPreKey: fromBase64Url(signedPreKey) }),
    preKeys: preKeys.map(fromBase64Url),
  }
}

/** The status of an error. */
export function statusOf(error: SottoError): number {
  return statuses[error.code] ?? (error.class === 'retry' ? 503 : 400)
}

const statuses: Partial<Record<ErrorCode, number>> = {
  unauthorized: 401,
  'token-expired': 401,
  forbidden: 403,
  'device-removed': 403,
  'unknown-device': 403,
  'wrong-account': 403,
  'not-found': 404,
  'no-prekey': 404,
  'lists-outdated': 409,
  'rolled-back': 409,
  'too-large': 413,
  'rate-limited': 429,
  'quota-exceeded': 429,
}
