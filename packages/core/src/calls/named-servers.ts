import type { MediaServer, Time } from '../ports/index.js'

/**
 * The servers of one call. They are named once for it, and again where the call looks for another way so late that what lets it in has lasted half
 * its time. No two calls share them: what lets one in says nothing of the next.
 */
export class NamedServers {
  readonly #ask: () => Promise<readonly MediaServer[]>
  readonly #time: Time
  #named: { readonly servers: readonly MediaServer[]; readonly at: number } | undefined

  constructor(ask: () => Promise<readonly MediaServer[]>, time: Time) {
    this.#ask = ask
    this.#time = time
  }

  /** For a call that begins. Rejects as `MediaServers.list`. */
  async ask(): Promise<readonly MediaServer[]> {
    this.#named = undefined
    const servers = await this.#ask()
    this.#named = { servers, at: this.#time.now() }
    return servers
  }

  /** For the call that there is. Rejects as `MediaServers.list`, and those named before are kept. */
  async list(): Promise<readonly MediaServer[]> {
    const named = this.#named
    if (named === undefined) return this.ask()
    const age = this.#time.now() - named.at
    const lastsMs = Math.min(...named.servers.map((one) => one.lastsMs ?? Infinity))
    // A clock that was turned back says nothing of how old they are.
    if (age >= 0 && age < lastsMs / 2) return named.servers
    const servers = await this.#ask()
    this.#named = { servers, at: this.#time.now() }
    return servers
  }
}
