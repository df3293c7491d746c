import { ContextConsumer } from '@lit/context'
import type { Client, ClientState } from '@sotto/core'
import { SottoError } from '@sotto/protocol'
import type { TemplateResult } from 'lit'
import { property } from 'lit/decorators.js'
import { clientContext, type ClientContext, type ClientSource } from './client-context.js'
import { Announcer } from './pieces/announcer.js'
import { errorWords } from './pieces/error-words.js'
import { notice } from './pieces/notice.js'
import { ReadableController } from './readable-controller.js'
import { SottoElement } from './sotto-element.js'

/** An element that shows something of a client, which it has from the provider around it or as a property. */
export class ViewElement extends SottoElement {
  /** A client of its own, for use without a provider. */
  @property({ attribute: false }) client: Client | undefined

  readonly #context = new ContextConsumer(this, { context: clientContext, subscribe: true })
  readonly #ownDrafts = new Map<string, string>()
  readonly #ownAnnouncer = new Announcer(() => this.renderRoot)
  readonly #state = new ReadableController<ClientState>(this, () => this.currentClient?.state)
  #told: SottoError | undefined

  /** Where the client is to come from. `undefined`: from nowhere, which is a mistake in the page. */
  protected get source(): ClientSource | undefined {
    return this.client === undefined ? this.#context.value?.source : { name: 'ready', client: this.client }
  }

  protected get currentClient(): Client | undefined {
    const source = this.source
    return source?.name === 'ready' ? source.client : undefined
  }

  protected get clientState(): ClientState {
    return this.#state.value ?? { name: 'starting' }
  }

  /** What the provider around gives. */
  protected get context(): ClientContext | undefined {
    return this.#context.value
  }

  protected get drafts(): Map<string, string> {
    return this.#context.value?.drafts ?? this.#ownDrafts
  }

  protected announce(text: string): void {
    const announce = this.#context.value?.announce
    if (announce === undefined) this.#ownAnnouncer.say(text)
    else announce(text)
  }

  /** The mistake of the page, said on it and told as an event, once. */
  protected renderMistake(error: SottoError): TemplateResult {
    if (error.code !== this.#told?.code) queueMicrotask(() => this.tell(error))
    this.#told = error
    return notice({
      icon: 'warning',
      urgent: true,
      title: this.say('errorTitle'),
      text: this.#mistakeWords(error),
    })
  }

  /** Without a provider and without a client there is nothing to show. */
  protected get mistake(): SottoError | undefined {
    return this.source === undefined ? new SottoError('no-connect') : undefined
  }

  #mistakeWords(error: SottoError): string {
    return error.code === 'no-connect'
      ? this.say('noProvider', this.localName)
      : errorWords(this.words, error, this.localName)
  }
}
