import { SottoError, check, fromBase64Url, loginProofBytes, toBase64Url } from '@sotto/protocol'
import type { Login } from '@sotto/core/ports'
import type { Call, HttpCalls } from './http-calls.js'

/** Renewed this long before it ends, in milliseconds. */
const marginMs = 60_000
const siteTokenMs = 4 * 60_000

interface Held {
  readonly token: string
  readonly epoch: number
  readonly accountId: string
  readonly until: number
}

/** One login for all parts of the backend: the site's token, the device's proof, and the relay's token that comes of both. */
export class RelaySession {
  readonly #calls: HttpCalls
  readonly #login: () => Login
  readonly #origin: string
  #held: Held | undefined
  #logging: Promise<Held> | undefined
  #siteToken: { readonly token: string; readonly until: number } | undefined

  constructor(calls: HttpCalls, login: () => Login, origin: string) {
    this.#calls = calls
    this.#login = login
    this.#origin = origin
  }

  /** Calls with the device's token, which is renewed once where the relay does not know it any more. */
  async call(call: Omit<Call, 'token'>): Promise<Readonly<Record<string, unknown>>> {
    try {
      return await this.#calls.call({ ...call, token: await this.token() })
    } catch (error) {
      if (!SottoError.is(error, 'token-expired') && !SottoError.is(error, 'unauthorized')) throw error
      this.forget()
      return this.#calls.call({ ...call, token: await this.token() })
    }
  }

  /** Calls with the site's token alone: for lists, and the first list. */
  async callAsSite(call: Omit<Call, 'token'>): Promise<Readonly<Record<string, unknown>>> {
    return this.#calls.call({ ...call, token: await this.#freshSiteToken() })
  }

  get canProve(): boolean {
    return this.#login().accountId !== ''
  }

  /** The relay's token for this device, under the epoch as it is now. */
  async token(signal?: AbortSignal): Promise<string> {
    const { epoch, accountId } = this.#login()
    const held = this.#held
    if (
      held !== undefined &&
      held.epoch === epoch &&
      held.accountId === accountId &&
      performance.now() < held.until
    )
      return held.token
    this.#logging ??= this.#prove(signal).finally(() => (this.#logging = undefined))
    return (await this.#logging).token
  }

  forget(): void {
    this.#held = undefined
    this.#siteToken = undefined
  }

  async #prove(signal: AbortSignal | undefined): Promise<Held> {
    const login = this.#login()
    const { realm, accountId, device, epoch } = login
    check(accountId !== '', 'not-set-up-here')
    const siteToken = await this.#freshSiteToken()
    const waiting = signal === undefined ? {} : { signal }
    const asked = await this.#calls.call({
      method: 'POST',
      path: 'login',
      body: { token: siteToken, accountId, device, epoch },
      ...waiting,
    })
    const { nonce } = asked
    if (typeof nonce !== 'string' || nonce.length > 64) throw new SottoError('backend-failed', {})
    const nonceBytes = fromBase64Url(nonce)
    check(nonceBytes.length === 32, 'backend-failed', {})
    const tokenHash = new Uint8Array(
      await globalThis.crypto.subtle.digest('SHA-256', new TextEncoder().encode(siteToken)),
    )
    const proof = loginProofBytes({
      realm,
      relay: this.#origin,
      accountId,
      device,
      epoch,
      nonce: nonceBytes,
      tokenHash,
    })
    const signature = toBase64Url(await login.sign(proof))
    const answer = await this.#calls.call({
      method: 'POST',
      path: 'login/proof',
      body: { nonce, signature },
      ...waiting,
    })
    const { token, expiresInMs } = answer
    if (typeof token !== 'string' || token.length > 512 || typeof expiresInMs !== 'number')
      throw new SottoError('backend-failed', {})
    this.#held = { token, epoch, accountId, until: performance.now() + Math.max(0, expiresInMs - marginMs) }
    return this.#held
  }

  async #freshSiteToken(): Promise<string> {
    const held = this.#siteToken
    if (held !== undefined && performance.now() < held.until) return held.token
    const token = await this.#login().token({ signal: AbortSignal.timeout(siteTokenMs) })
    // Good for a few calls in a row; a site may make it as short as it likes, so that a refused one is asked for again.
    this.#siteToken = { token, until: performance.now() + 10_000 }
    return token
  }
}
