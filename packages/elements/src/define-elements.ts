import { InboxElement } from './inbox/inbox-element.js'
import { en, registerLocale } from './locales/index.js'
import { MessengerElement } from './messenger/messenger-element.js'
import { ProviderElement } from './provider/provider-element.js'
import { ComposerElement } from './thread/composer-element.js'
import { MessageListElement } from './thread/message-list-element.js'
import { ThreadElement } from './thread/thread-element.js'

/** The elements by their names. Providers come first, so that they are there when what stands in them asks for a client. */
export const elements = {
  'sotto-provider': ProviderElement,
  'sotto-messenger': MessengerElement,
  'sotto-inbox': InboxElement,
  'sotto-thread': ThreadElement,
  // These stand inside the thread and are of no use alone.
  'sotto-message-list': MessageListElement,
  'sotto-composer': ComposerElement,
} as const

/** Elements that are rarely needed, and never at once: they are fetched after the others. */
const fetched: Readonly<Record<string, () => Promise<CustomElementConstructor>>> = {
  'sotto-call': async () => (await import('./call/call-element.js')).CallElement,
  'sotto-calls': async () => (await import('./calls/calls-element.js')).CallsElement,
  'sotto-device-check': async () => (await import('./check/device-check-element.js')).DeviceCheckElement,
  'sotto-safety': async () => (await import('./safety/safety-element.js')).SafetyElement,
  'sotto-new-message': async () => (await import('./inbox/new-message-element.js')).NewMessageElement,
}

/** Registers the elements, or classes made from them, and English. Names that are taken are left as they are. */
export function defineElements(
  classes: Partial<Record<keyof typeof elements, CustomElementConstructor>> = {},
  registry: CustomElementRegistry = customElements,
): void {
  registerLocale('en', en)
  for (const [name, element] of Object.entries({ ...elements, ...classes })) define(registry, name, element)
  for (const [name, fetch] of Object.entries(fetched)) void defineLater(registry, name, fetch)
}

function define(registry: CustomElementRegistry, name: string, element: CustomElementConstructor): void {
  if (registry.get(name) === undefined) registry.define(name, element)
}

async function defineLater(
  registry: CustomElementRegistry,
  name: string,
  fetch: () => Promise<CustomElementConstructor>,
): Promise<void> {
  try {
    define(registry, name, await fetch())
  } catch {
    // Whatever kept it away, a connection that comes back may bring it.
    addEventListener('online', () => void defineLater(registry, name, fetch), { once: true })
  }
}
