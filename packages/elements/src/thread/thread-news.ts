import type { ThreadItem } from '@sotto/core'
import type { Localizer } from '../locales/localizer.js'

const longestSaid = 200
/** What failed is among the newest: nobody waits for what is further up. */
const recent = 50

/** Knows what has happened in a thread since it was opened: for the announcer, and for what rises. */
export class ThreadNews {
  readonly #failed = new Set<string>()
  /** The key of the newest item, `undefined` before the thread was loaded. */
  #newest: string | undefined
  #before: string | undefined

  /** Whether the item of that key came with the last change. */
  isNew(key: string): boolean {
    return this.#before !== undefined && key > this.#before
  }

  /** Takes the items as they are now, and returns what somebody should hear: what came, and what could not be sent. */
  see(items: readonly ThreadItem[], words: Localizer, name: string): string[] {
    const before = this.#newest
    this.#before = before
    this.#newest = items.at(-1)?.key ?? before ?? ''
    const failed = items
      .slice(-recent)
      .filter((item) => item.kind === 'text' && item.state?.name === 'failed' && !this.#failed.has(item.key))
    for (const { key } of failed) this.#failed.add(key)
    if (before === undefined) return []
    const came = items.flatMap((item) =>
      item.key > before && item.kind === 'text' && !item.mine
        ? [`${name}: ${item.text.slice(0, longestSaid)}`]
        : [],
    )
    return [...came, ...failed.map(() => words.say('notSent'))]
  }
}
