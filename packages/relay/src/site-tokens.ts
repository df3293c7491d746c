import { SottoError, check, isAccountName, limits, readFeatures } from '@sotto/protocol'
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose'

/** How the site signs its tokens: a shared secret (HS256), or a key set at an address (EdDSA, ES256, RS256). */
export type TokenSettings = { readonly secret: string } | { readonly jwks: string }

/** What the site says of who has its token. */
export interface SiteUser {
  readonly account: string
  /** What it may do; `undefined` is everything. */
  readonly features: ReadonlySet<string> | undefined
}

/** Seconds by which the site's clock may differ from ours. */
const toleranceS = 30
const shortestSecret = 32

/**
 * Reads the tokens by which the site says who its user is. It throws `wrong-setting` at once; for a token
 * `unauthorized` or `token-expired`; `backend-failed` where the site's key set is not to be had.
 */
export function readSiteTokens(options: {
  readonly tokens: TokenSettings
  readonly realm: string
  readonly now: () => number
}): (token: string) => Promise<SiteUser> {
  const { tokens, realm, now } = options
  const verify = verifier(tokens)
  return async (token) => {
    const at = now()
    let payload: JWTPayload
    try {
      payload = await verify(token, {
        audience: realm,
        clockTolerance: toleranceS,
        requiredClaims: ['sub', 'exp', 'aud'],
        currentDate: new Date(at),
      })
    } catch (cause) {
      throw refusal(cause)
    }
    const { sub, exp = Infinity, iat } = payload
    check(isAccountName(sub), 'unauthorized')
    // A token that is good for longer than ten minutes is a mistake of the site's: whoever steals it has it for long.
    const from = Math.min(iat ?? at / 1000, at / 1000)
    check(exp - from <= limits.siteTokenMs / 1000 + toleranceS, 'unauthorized')
    return { account: sub, features: readFeatures(payload.features) }
  }
}

type Verify = (token: string, options: Parameters<typeof jwtVerify>[2]) => Promise<JWTPayload>

/** The algorithm is fixed by what was configured, never by the token. */
function verifier(tokens: TokenSettings): Verify {
  if ('secret' in tokens) {
    check(tokens.secret.length >= shortestSecret, 'wrong-setting', { name: 'secret' })
    const key = new TextEncoder().encode(tokens.secret)
    return async (token, options) =>
      (await jwtVerify(token, key, { ...options, algorithms: ['HS256'] })).payload
  }
  check(URL.canParse(tokens.jwks) && /^https?:/.test(tokens.jwks), 'wrong-setting', { name: 'jwks' })
  const keys: JWTVerifyGetKey = createRemoteJWKSet(new URL(tokens.jwks))
  const algorithms = ['EdDSA', 'ES256', 'RS256']
  return async (token, options) => (await jwtVerify(token, keys, { ...options, algorithms })).payload
}

/** What is wrong with the token is its bearer's affair; a key set that cannot be fetched is ours, and passes. */
function refusal(cause: unknown): SottoError {
  if (cause instanceof errors.JWTExpired) return new SottoError('token-expired', undefined, { cause })
  const isTheirs =
    cause instanceof errors.JWTInvalid ||
    cause instanceof errors.JWTClaimValidationFailed ||
    cause instanceof errors.JWSInvalid ||
    cause instanceof errors.JWSSignatureVerificationFailed ||
    cause instanceof errors.JOSEAlgNotAllowed ||
    cause instanceof errors.JOSENotSupported ||
    cause instanceof errors.JWKSNoMatchingKey ||
    cause instanceof errors.JWKSMultipleMatchingKeys
  return isTheirs
    ? new SottoError('unauthorized', undefined, { cause })
    : new SottoError('backend-failed', {}, { cause })
}
