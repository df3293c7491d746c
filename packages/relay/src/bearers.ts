import { SottoError, check } from '@sotto/protocol'
import type { FastifyRequest } from 'fastify'
import type { Publisher } from './accounts.js'
import type { Auth } from './auth.js'
import type { Caller } from './login-tokens.js'
import { networkOf } from './network-of.js'
import type { RateLimit } from './rate-limit.js'

/** Who makes a request, by the token in its `authorization`; each is counted against its own limit. */
export interface Bearers {
  /** A device that has logged in. Rejects with `unauthorized`, `token-expired`, `device-removed`, `rolled-back`, `rate-limited`. */
  deviceOf(request: FastifyRequest, cost?: number): Promise<Caller>
  /** A device, or whoever has the site's token: the account alone. */
  anyOf(request: FastifyRequest, cost?: number): Promise<Publisher>
}

export function bearers({ auth, requests }: { readonly auth: Auth; readonly requests: RateLimit }): Bearers {
  /** Tokens that are none are counted by address, so that nobody tries them out. */
  const counted = async <T>(request: FastifyRequest, look: (token: string) => Promise<T>): Promise<T> => {
    try {
      return await look(tokenOf(request))
    } catch (error) {
      if (SottoError.is(error, 'unauthorized')) requests.check(`refused ${networkOf(request.ip)}`)
      throw error
    }
  }
  const deviceOf = async (request: FastifyRequest, cost = 1): Promise<Caller> => {
    const caller = await counted(request, (token) => auth.caller(token))
    requests.check(caller.device, cost)
    return caller
  }
  return {
    deviceOf,
    async anyOf(request, cost = 1) {
      if (!isSiteToken(request.headers.authorization)) return deviceOf(request, cost)
      const account = await counted(request, auth.siteAccount)
      requests.check(`site ${account}`, cost)
      return { account }
    },
  }
}

function tokenOf({ headers }: FastifyRequest): string {
  const token = /^Bearer ([A-Za-z0-9._~+/=-]{1,8192})$/.exec(headers.authorization ?? '')?.[1]
  check(token !== undefined, 'unauthorized')
  return token
}

/** Ours hold no dot. */
const isSiteToken = (authorization: string | undefined): boolean => authorization?.includes('.') === true
