import { createHmac, randomBytes } from 'node:crypto'
import { allowsCall, check, isTurnAddress, limits, type HttpApi } from '@sotto/protocol'
import type { Caller } from './login-tokens.js'
import { RateLimit } from './rate-limit.js'

/** The TURN server of this site. */
export interface TurnSettings {
  /** `turn:` and `turns:` addresses of it: at most 8. */
  readonly urls: readonly string[]
  /** What it shares with the relay, at least 32 bytes: coturn's `static-auth-secret`. */
  readonly secret: string
}

const hourMs = 3_600_000
const shortestSecret = 32

/** Which of the settings is wrong. */
export function faultOfTurn({ urls, secret }: TurnSettings): keyof TurnSettings | undefined {
  if (urls.length === 0 || urls.length > limits.turnUrls || !urls.every(isTurnAddress)) return 'urls'
  return Buffer.byteLength(secret) < shortestSecret ? 'secret' : undefined
}

/**
 * Lets devices into the TURN server by a user name that says when it ends and a random number, with the HMAC of that as its credential (the TURN
 * REST API, draft-uberti-behave-turn-rest). So that server learns of no account, and no two calls of one look alike to it.
 */
export class Turn {
  readonly #settings: TurnSettings | undefined
  readonly #now: () => number
  readonly #asked: RateLimit

  constructor(settings: TurnSettings | undefined, now: () => number) {
    this.#settings = settings
    this.#now = now
    this.#asked = new RateLimit(limits.turnPerHour, now, hourMs)
  }

  /** Throws `forbidden` where the site lets the account make no call, `rate-limited`. */
  letIn({ account, features }: Caller): HttpApi['POST /calls/turn']['answer'] {
    check(allowsCall(features, { video: false }), 'forbidden')
    if (this.#settings === undefined) return { servers: [], expiresInMs: limits.turnMs }
    this.#asked.check(account)
    const { urls, secret } = this.#settings
    const until = Math.ceil((this.#now() + limits.turnMs) / 1000)
    const username = `${until}:${randomBytes(16).toString('hex')}`
    const credential = createHmac('sha1', secret).update(username).digest('base64')
    return { servers: [{ urls: [...urls], username, credential }], expiresInMs: limits.turnMs }
  }
}
