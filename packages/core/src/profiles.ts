import type { Profile, Profiles } from './client-api.js'
import { Writable, type Readable } from './readable.js'

const mostKept = 1000

/** How accounts are shown: asked of the site once each, the account name until then and where the site has no better one. */
export class Profiled {
  readonly #ask: Profiles | undefined
  readonly #known = new Map<string, Writable<Profile>>()

  constructor(ask: Profiles | undefined) {
    this.#ask = ask
  }

  of(account: string): Readable<Profile> {
    const known = this.#known.get(account)
    if (known !== undefined) return known
    const profile = new Writable<Profile>({ name: account })
    if (this.#known.size >= mostKept)
      for (const oldest of [...this.#known.keys()].slice(0, 100)) this.#known.delete(oldest)
    this.#known.set(account, profile)
    void this.#fill(account, profile)
    return profile
  }

  async #fill(account: string, profile: Writable<Profile>): Promise<void> {
    try {
      const answer = await this.#ask?.(account)
      if (answer === undefined || answer.name.trim() === '') return
      profile.set({
        name: answer.name.slice(0, 200),
        ...(answer.picture === undefined ? {} : { picture: answer.picture }),
      })
    } catch {
      // The site could not say: the account name stays.
    }
  }
}
