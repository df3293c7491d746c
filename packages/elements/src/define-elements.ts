import { InboxElement } from './inbox/inbox-element.js'
import { NewMessageElement } from './inbox/new-message-element.js'
import { de, en, registerLocale } from './locales/index.js'
import { MessengerElement } from './messenger/messenger-element.js'
import { ProviderElement } from './provider/provider-element.js'
import { SafetyElement } from './safety/safety-element.js'
import { ComposerElement } from './thread/composer-element.js'
import { MessageListElement } from './thread/message-list-element.js'
import { ThreadElement } from './thread/thread-element.js'

/** The elements by their names. Providers come first, so that they are there when what stands in them asks for a client. */
export const elements = {
  'sotto-provider': ProviderElement,
  'sotto-messenger': MessengerElement,
  'sotto-inbox': InboxElement,
  'sotto-thread': ThreadElement,
  'sotto-safety': SafetyElement,
  // These stand inside the others and are of no use alone.
  'sotto-new-message': NewMessageElement,
  'sotto-message-list': MessageListElement,
  'sotto-composer': ComposerElement,
} as const

/** Registers the elements, or classes made from them, and their languages. Names that are taken are left as they are. */
export function defineElements(
  classes: Partial<Record<keyof typeof elements, CustomElementConstructor>> = {},
  registry: CustomElementRegistry = customElements,
): void {
  registerLocale('en', en)
  registerLocale('de', de)
  for (const [name, element] of Object.entries({ ...elements, ...classes })) {
    if (registry.get(name) === undefined) registry.define(name, element)
  }
}
