import { randomBytes } from 'node:crypto'
import { SottoError, check, limits, toBase64Url } from '@sotto/protocol'

/** A device that has proven itself. */
export interface Caller {
  readonly account: string
  readonly accountId: string
  readonly device: string
  readonly epoch: number
  /** How far it had counted what it encrypted when it logged in. */
  readonly sends: number
  /** What the site lets its account do; `undefined` is everything. */
  readonly features: ReadonlySet<string> | undefined
}

interface Login {
  readonly caller: Caller
  readonly until: number
}

/** A device that logs in again and again pushes out its own tokens, nobody else's. */
const mostPerDevice = 8

/** The tokens that stand for a login: 32 random bytes each, for 15 minutes, in memory alone. A relay that was started again knows none. */
export class LoginTokens {
  readonly #now: () => number
  readonly #logins = new Map<string, Login>()
  readonly #ofDevice = new Map<string, Set<string>>()

  constructor(now: () => number) {
    this.#now = now
  }

  issue(caller: Caller): string {
    const token = toBase64Url(randomBytes(32))
    const others = this.#ofDevice.get(caller.device) ?? new Set<string>()
    const [oldest] = others
    if (oldest !== undefined && others.size >= mostPerDevice) this.#drop(oldest, caller.device)
    this.#logins.set(token, { caller, until: this.#now() + limits.tokenMs })
    this.#ofDevice.set(caller.device, others.add(token))
    return token
  }

  /** Throws `unauthorized` for what is no token of ours, `token-expired`. */
  callerOf(token: string): Caller {
    const login = this.#logins.get(token)
    check(login !== undefined, 'unauthorized')
    if (login.until <= this.#now()) {
      this.#drop(token, login.caller.device)
      throw new SottoError('token-expired')
    }
    return login.caller
  }

  /** Ends what removed devices were given. */
  forget(devices: readonly string[]): void {
    for (const device of devices) {
      for (const token of this.#ofDevice.get(device) ?? []) this.#logins.delete(token)
      this.#ofDevice.delete(device)
    }
  }

  /** Forgets what has run out. */
  sweep(): void {
    const now = this.#now()
    for (const [token, { caller, until }] of this.#logins) if (until <= now) this.#drop(token, caller.device)
  }

  #drop(token: string, device: string): void {
    this.#logins.delete(token)
    const tokens = this.#ofDevice.get(device)
    tokens?.delete(token)
    if (tokens?.size === 0) this.#ofDevice.delete(device)
  }
}
