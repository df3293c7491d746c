import { LocalizeController } from '@shoelace-style/localize'
import type { LitElement } from 'lit'
import { en, type Terms } from './en.js'
import { fetchLocale, isFetched } from './index.js'
import { registeredKey } from './registered-key.js'

type Arguments<T> = T extends (...args: infer A) => string ? A : []

/** Says things in the language of the nearest `lang`, and writes times as people there do. */
export class Localizer extends LocalizeController {
  #formats = new Map<string, Intl.DateTimeFormat>()
  readonly #element: LitElement
  /**
   * What was looked up since the host began to render, which says the same words again and again. Not kept between renderings: a language
   * may come or change then.
   */
  #found:
    { lang?: string; readonly has: Map<string, boolean>; readonly said: Map<string, string> } | undefined

  constructor(host: LitElement) {
    super(host)
    this.#element = host
  }

  hostUpdate(): void {
    this.#found = { has: new Map(), said: new Map() }
  }

  hostUpdated(): void {
    this.#found = undefined
  }

  /** The nearest `lang`, out of shadow roots too, else that of the document. */
  override lang(): string {
    if (this.#found === undefined) return this.#nearest()
    return (this.#found.lang ??= this.#nearest())
  }

  #nearest(): string {
    let node: Element | null = this.#element
    while (node !== null) {
      const named: Element | null = node.closest('[lang]:not([lang=""])')
      if (named !== null) return valid(named.getAttribute('lang') ?? '') ?? super.lang()
      const root: Node = node.getRootNode()
      node = root instanceof ShadowRoot ? root.host : null
    }
    return super.lang()
  }

  /** Waits for the language to be there, where it has to be fetched. `undefined`: there is nothing to wait for. */
  fetching(): Promise<void> | undefined {
    const lang = this.lang()
    if (!isFetched(lang) || this.exists(registeredKey('messages'), { lang })) return undefined
    return fetchLocale(lang)
  }

  say<K extends keyof Terms>(key: K, ...args: Arguments<Terms[K]>): string {
    if (args.length > 0) return this.#look(key, args)
    const said = this.#found?.said.get(key) ?? this.#look(key, args)
    this.#found?.said.set(key, said)
    return said
  }

  #look(key: keyof Terms, args: readonly unknown[]): string {
    const name = registeredKey(key)
    const has = this.#found?.has.get(name) ?? this.exists(name, { includeFallback: true })
    this.#found?.has.set(name, has)
    // Without a registered language, as when somebody defines one element by hand, it is English.
    if (has) return this.term(name, ...(args as []))
    const term = en[key] as string | ((...args: unknown[]) => string)
    return typeof term === 'string' ? term : term(...args)
  }

  /** Hours and minutes. */
  time(at: number): string {
    return this.#format({ timeStyle: 'short' }, at)
  }

  /** A day, as a separator says it: today, yesterday, a weekday within the week, else the date. */
  day(at: number, now: number): string {
    const days = daysBetween(at, now)
    if (days === 0) return this.say('today')
    if (days === 1) return this.say('yesterday')
    if (days > 1 && days < 7) return this.#format({ weekday: 'long' }, at)
    return this.calendarDay(at, now)
  }

  /** A day and month, with the year where it is another. */
  calendarDay(at: number, now: number, month: 'long' | 'short' = 'long'): string {
    const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear()
    return this.#format({ day: 'numeric', month, ...(sameYear ? {} : { year: 'numeric' }) }, at)
  }

  /** As short as a row of the inbox needs it: the time, a weekday, or the date. */
  shortly(at: number, now: number): string {
    const days = daysBetween(at, now)
    if (days === 0) return this.time(at)
    if (days > 0 && days < 7) return this.#format({ weekday: 'short' }, at)
    const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear()
    return this.#format(sameYear ? { day: 'numeric', month: 'short' } : { dateStyle: 'short' }, at)
  }

  #format(options: Intl.DateTimeFormatOptions, at: number): string {
    const lang = this.lang()
    const key = lang + JSON.stringify(options)
    let format = this.#formats.get(key)
    if (format === undefined) this.#formats.set(key, (format = new Intl.DateTimeFormat(lang, options)))
    return format.format(at)
  }
}

/** Whole days from the day of `at` to that of `now`, by the calendar here: an hour set forward does not count. */
function daysBetween(at: number, now: number): number {
  const midnight = (ms: number) => new Date(ms).setHours(0, 0, 0, 0)
  return Math.round((midnight(now) - midnight(at)) / 86_400_000)
}

function valid(lang: string): string | undefined {
  try {
    return new Intl.Locale(lang.replaceAll('_', '-')).toString().toLowerCase()
  } catch {
    return undefined
  }
}
