import { createHash, randomBytes } from 'node:crypto'
import {
  SottoError,
  check,
  isAccountName,
  limits,
  loginProofBytes,
  toBase64Url,
  verifySignature,
} from '@sotto/protocol'
import { createRemoteJWKSet, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose'
import type { Storage } from './storage/storage.js'

/** How the site signs its tokens: a shared secret (HS256), or a key set at an address (EdDSA, ES256, RS256). */
export type TokenSettings = { readonly secret: string } | { readonly jwks: string }

/** A device that has proven itself. */
export interface Caller {
  readonly account: string
  readonly accountId: string
  readonly device: string
  readonly epoch: number
}

interface Asked {
  readonly caller: Caller
  readonly tokenHash: Uint8Array
  readonly until: number
}

const mostLogins = 200_000

export interface AuthOptions {
  readonly realm: string
  readonly origin: () => string
  readonly tokens: TokenSettings
  readonly storage: Storage
  readonly now: () => number
}

/** Who somebody is: by the site's token whose account it is, by a signature which device. */
export class Auth {
  readonly #options: AuthOptions
  readonly #verify: (token: string) => Promise<JWTPayload>
  readonly #asked = new Map<string, Asked>()
  readonly #logins = new Map<string, { readonly caller: Caller; readonly until: number }>()

  constructor(options: AuthOptions) {
    this.#options = options
    this.#verify = verifier(options.tokens, options.realm, options.now)
  }

  /** The account a site's token speaks for. Throws `unauthorized`. */
  async siteAccount(token: string): Promise<string> {
    let payload: JWTPayload
    try {
      payload = await this.#verify(token)
    } catch (cause) {
      throw new SottoError('unauthorized', undefined, { cause })
    }
    const { sub, exp, iat } = payload
    const now = this.#options.now() / 1000
    check(isAccountName(sub) && exp !== undefined, 'unauthorized')
    // However long the site made it, it counts for ten minutes at most.
    check(exp - Math.min(iat ?? now, now) <= limits.siteTokenMs / 1000 + 60, 'unauthorized')
    return sub
  }

  /** Step one: a nonce for this device to sign. */
  async ask(token: string, claimed: Omit<Caller, 'account'>): Promise<string> {
    const account = await this.siteAccount(token)
    const nonce = toBase64Url(randomBytes(32))
    const tokenHash = createHash('sha256').update(token).digest()
    this.#put(this.#asked, nonce, {
      caller: { ...claimed, account },
      tokenHash,
      until: this.#options.now() + limits.nonceMs,
    })
    return nonce
  }

  /** Step two: the signature. Throws `unauthorized`, `unknown-device`, `device-removed`, `rolled-back`. */
  async prove(
    nonce: string,
    signature: Uint8Array,
  ): Promise<{ readonly token: string; readonly expiresInMs: number }> {
    const { realm, origin, storage, now } = this.#options
    const asked = this.#asked.get(nonce)
    this.#asked.delete(nonce)
    check(asked !== undefined && asked.until > now(), 'unauthorized')
    const { caller, tokenHash } = asked
    const { accountId, device, epoch } = caller
    const bytes = loginProofBytes({
      realm,
      relay: origin(),
      accountId,
      device,
      epoch,
      nonce: Buffer.from(nonce, 'base64url'),
      tokenHash,
    })
    await storage.write(async (rows) => {
      const row = await rows.get<DeviceRow>(
        'SELECT account, account_id, signing_key, epoch, removed FROM devices WHERE device = ?',
        device,
      )
      check(row !== undefined && row.account === caller.account, 'unknown-device')
      check(verifySignature(new Uint8Array(row.signing_key), bytes, signature) === true, 'unauthorized')
      check(row.removed === 0, 'device-removed')
      check(row.account_id === accountId, 'unknown-device')
      check(epoch >= row.epoch, 'rolled-back', { epoch: row.epoch })
      if (epoch > row.epoch) await rows.run('UPDATE devices SET epoch = ? WHERE device = ?', epoch, device)
    })
    const token = toBase64Url(randomBytes(32))
    this.#put(this.#logins, token, { caller, until: now() + limits.tokenMs })
    return { token, expiresInMs: limits.tokenMs }
  }

  /** The device that a token of ours was given to. Throws `token-expired`, `unauthorized`. */
  caller(token: string): Caller {
    const login = this.#logins.get(token)
    check(login !== undefined, 'unauthorized')
    if (login.until <= this.#options.now()) {
      this.#logins.delete(token)
      throw new SottoError('token-expired')
    }
    return login.caller
  }

  /** Ends what removed devices were given. */
  forget(devices: readonly string[]): void {
    for (const [token, { caller }] of this.#logins)
      if (devices.includes(caller.device)) this.#logins.delete(token)
  }

  /** Forgets what has run out. */
  sweep(): void {
    const now = this.#options.now()
    for (const map of [this.#asked, this.#logins])
      for (const [name, { until }] of map) if (until <= now) map.delete(name)
  }

  #put<T>(map: Map<string, T>, name: string, value: T): void {
    if (map.size >= mostLogins)
      for (const oldest of [...map.keys()].slice(0, mostLogins / 10)) map.delete(oldest)
    map.set(name, value)
  }
}

interface DeviceRow {
  readonly account: string
  readonly account_id: string
  readonly signing_key: Uint8Array
  readonly epoch: number
  readonly removed: number
}

/** The algorithm is fixed by what was configured, never by the token. */
function verifier(
  tokens: TokenSettings,
  realm: string,
  now: () => number,
): (token: string) => Promise<JWTPayload> {
  const options = { audience: realm, clockTolerance: 30, requiredClaims: ['sub', 'exp', 'aud'] }
  const at = () => ({ ...options, currentDate: new Date(now()) })
  if ('secret' in tokens) {
    const key = new TextEncoder().encode(tokens.secret)
    return async (token) => (await jwtVerify(token, key, { ...at(), algorithms: ['HS256'] })).payload
  }
  const keys: JWTVerifyGetKey = createRemoteJWKSet(new URL(tokens.jwks))
  return async (token) =>
    (await jwtVerify(token, keys, { ...at(), algorithms: ['EdDSA', 'ES256', 'RS256'] })).payload
}
