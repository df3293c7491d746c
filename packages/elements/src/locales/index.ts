import { registerTranslation } from '@shoelace-style/localize'
import { registeredKey } from './localizer.js'
import type { Terms } from './en.js'

export { de } from './de.js'
export { en } from './en.js'
export type { Terms } from './en.js'

/** Teaches the elements a language: `code` as in `lang`, such as `fr` or `pt-BR`. What it lacks is said in English. */
export function registerLocale(code: string, terms: Partial<Terms>): void {
  const named = Object.fromEntries(Object.entries(terms).map(([key, term]) => [registeredKey(key), term]))
  registerTranslation({ $code: code, $name: code, $dir: 'ltr', ...named })
}
