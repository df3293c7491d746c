import { SottoError, randomBytes, toHex } from '@sotto/protocol'
import type { Announce, Announcement } from '../announcements.js'
import type { MediaServer, Time } from '../ports/index.js'

interface SharedContext {
  readonly time: Time
  /** Whether this tab leads: only there is a login. */
  readonly leads: () => boolean
  readonly list: () => Promise<readonly MediaServer[]>
  readonly announce: Announce
}

type Wanted = Announcement & { readonly kind: 'servers-wanted' | 'servers' }
type Answer = Announcement & { readonly kind: 'servers' }

/** Who leads may go just when it is asked, and another tab takes its place: that one is asked then. */
const everyMs = 1_000
const mostAsked = 10

/** The servers that calls pass through, in every tab: the leading one asks the backend, the others ask it. */
export class SharedServers {
  readonly #context: SharedContext
  readonly #waiting = new Map<string, (answer: Answer) => void>()
  /** Tabs for which the backend is being asked. */
  readonly #asked = new Set<string>()

  constructor(context: SharedContext) {
    this.#context = context
  }

  /** Rejects with `offline` where nobody answers within ten seconds, else as `MediaServers.list`. */
  async list(): Promise<readonly MediaServer[]> {
    const { leads, list, time, announce } = this.#context
    const tab = toHex(randomBytes(16))
    const over = new AbortController()
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(tab, resolve))
    try {
      for (let asked = 0; asked < mostAsked; asked++) {
        if (leads()) return await list()
        announce({ kind: 'servers-wanted', tab })
        const late = time.sleep(everyMs, over.signal).catch(() => undefined)
        const answer = await Promise.race([answered, late])
        if (answer?.servers !== undefined) return answer.servers
        if (answer !== undefined) throw errorOf(answer)
      }
      throw new SottoError('offline')
    } finally {
      this.#waiting.delete(tab)
      over.abort()
    }
  }

  hear(what: Wanted): void {
    if (what.kind === 'servers') return this.#waiting.get(what.tab)?.(what)
    const { leads, list, announce } = this.#context
    const { tab } = what
    // Who asks again is answered once: a backend counts how often it is asked.
    if (!leads() || this.#asked.has(tab)) return
    this.#asked.add(tab)
    list()
      .then(
        (servers) => announce({ kind: 'servers', tab, servers }),
        (error: unknown) => announce({ kind: 'servers', tab, ...said(error) }),
      )
      .finally(() => this.#asked.delete(tab))
  }
}

/** What another tab is told of an error: its code, and when to ask again. */
function said(error: unknown): Pick<Answer, 'code' | 'retryAfterMs'> {
  if (SottoError.is(error, 'rate-limited'))
    return { code: error.code, retryAfterMs: error.details.retryAfterMs }
  return { code: SottoError.is(error) ? error.code : 'backend-failed' }
}

/** An error that another tab had, as far as it says why. */
function errorOf({ code, retryAfterMs = 1000 }: Answer): SottoError {
  if (code === 'rate-limited') return new SottoError(code, { retryAfterMs })
  if (code === 'backend-failed') return new SottoError(code, {})
  return new SottoError(plainCodes.find((one) => one === code) ?? 'offline')
}

const plainCodes = ['offline', 'forbidden', 'unauthorized', 'not-set-up-here'] as const
