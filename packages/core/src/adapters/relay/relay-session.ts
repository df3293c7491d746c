import { SottoError, check } from '@sotto/protocol'
import type { Login } from '@sotto/core/ports'
import type { Call, HttpCalls } from './http-calls.js'
import { proveLogin } from './prove-login.js'

/** Renewed this long before it ends, in milliseconds. */
const marginMs = 60_000
const siteTokenMs = 4 * 60_000
/** A token of the site serves a few calls in a row. */
const siteTokenKeptMs = 10_000

type Answer = Readonly<Record<string, unknown>>

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
  #proving: { readonly epoch: number; readonly accountId: string; readonly done: Promise<string> } | undefined
  #siteToken: { readonly token: Promise<string>; readonly until: number } | undefined

  constructor(calls: HttpCalls, login: () => Login, origin: string) {
    this.#calls = calls
    this.#login = login
    this.#origin = origin
  }

  /** Calls with the device's token, which is renewed once where the relay does not know it any more. */
  call(call: Omit<Call, 'token'>): Promise<Answer> {
    return this.#withRenewal(async () => this.#calls.call({ ...call, token: await this.token() }))
  }

  /** Calls with the site's token alone: for lists, and the first list. A site may make it as short as it likes: a refused one is asked for again. */
  callAsSite(call: Omit<Call, 'token'>): Promise<Answer> {
    return this.#withRenewal(async () => this.#calls.call({ ...call, token: await this.#freshSiteToken() }))
  }

  /**
   * The relay's token for this device, under the epoch as it is now. Whoever needs one while a login is under way shares it, and its failure;
   * logins under two epochs do not overlap.
   */
  async token(signal?: AbortSignal): Promise<string> {
    for (;;) {
      check(signal?.aborted !== true, 'aborted')
      const { epoch, accountId } = this.#login()
      check(accountId !== '', 'not-set-up-here')
      const isOurs = (one: { readonly epoch: number; readonly accountId: string } | undefined) =>
        one?.epoch === epoch && one.accountId === accountId
      if (this.#held !== undefined && isOurs(this.#held) && performance.now() < this.#held.until) {
        return this.#held.token
      }
      const proving = this.#proving
      if (proving === undefined || isOurs(proving)) {
        return unlessAborted((proving ?? this.#start(epoch, accountId)).done, signal)
      }
      await unlessAborted(
        proving.done.catch(() => ''),
        signal,
      )
    }
  }

  /** What we hold is not believed any more. */
  forget(): void {
    this.#held = undefined
    this.#siteToken = undefined
  }

  async #withRenewal(call: () => Promise<Answer>): Promise<Answer> {
    try {
      return await call()
    } catch (error) {
      if (!SottoError.is(error, 'token-expired') && !SottoError.is(error, 'unauthorized')) throw error
      this.forget()
      return call()
    }
  }

  #start(epoch: number, accountId: string) {
    const done = this.#prove().finally(() => (this.#proving = undefined))
    done.catch(() => undefined)
    return (this.#proving = { epoch, accountId, done })
  }

  async #prove(): Promise<string> {
    const login = this.#login()
    const { epoch, accountId } = login
    const siteToken = await this.#freshSiteToken()
    const { token, expiresInMs } = await proveLogin(this.#calls, { login, siteToken, origin: this.#origin })
    this.#held = { token, epoch, accountId, until: performance.now() + Math.max(0, expiresInMs - marginMs) }
    return token
  }

  #freshSiteToken(): Promise<string> {
    const held = this.#siteToken
    if (held !== undefined && performance.now() < held.until) return held.token
    const token = this.#login().token({ signal: AbortSignal.timeout(siteTokenMs) })
    const fresh = { token, until: performance.now() + siteTokenKeptMs }
    this.#siteToken = fresh
    token.catch(() => {
      if (this.#siteToken === fresh) this.#siteToken = undefined
    })
    return token
  }
}

/** What `work` resolves to; it goes on, but nobody waits for it once `signal` says so. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  return new Promise((resolve, reject) => {
    const stop = () => reject(new SottoError('aborted'))
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
