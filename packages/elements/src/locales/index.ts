import { registerTranslation } from '@shoelace-style/localize'
import type { Terms } from './en.js'
import { registeredKey } from './registered-key.js'

export { en } from './en.js'
export type { Terms } from './en.js'

/** Teaches the elements a language: `code` as in `lang`, such as `fr` or `pt-BR`. What it lacks is said in English. */
export function registerLocale(code: string, terms: Partial<Terms>): void {
  const named = Object.fromEntries(Object.entries(terms).map(([key, term]) => [registeredKey(key), term]))
  registerTranslation({ $code: code, $name: code, $dir: 'ltr', ...named })
}

/** Languages that are fetched when a page speaks them. */
const fetched: Readonly<Record<string, () => Promise<Terms>>> = {
  de: async () => (await import('./de.js')).de,
}

/**
 * Fetches the language of `lang`, a language tag, where there is one to fetch. Without it everything is said in English, so a failure
 * changes nothing.
 */
export async function fetchLocale(lang: string): Promise<void> {
  const [code = ''] = lang.split('-')
  const terms = await fetched[code]?.().catch(() => undefined)
  if (terms !== undefined) registerLocale(code, terms)
}

/** Whether there is something to fetch for `lang`. */
export const isFetched = (lang: string): boolean => (lang.split('-')[0] ?? '') in fetched
