import { ContextProvider } from '@lit/context'
import type { Client, Profiles } from '@sotto/core'
import type { ErrorCode } from '@sotto/protocol'
import { css, html, type PropertyValues, type TemplateResult } from 'lit'
import { property, state } from 'lit/decorators.js'
import { clientContext, type CallStage, type ClientContext, type ClientSource } from '../client-context.js'
import { ReadyEvent } from '../events.js'
import { Announcer } from '../pieces/announcer.js'
import { buttonStyles } from '../pieces/button-styles.js'
import { errorWords } from '../pieces/error-words.js'
import { notice, noticeStyles } from '../pieces/notice.js'
import { SottoElement } from '../sotto-element.js'
import { ClientHolder } from './client-holder.js'
import type { Connect } from './settings.js'

const lasting: readonly ErrorCode[] = [
  'no-connect',
  'wrong-setting',
  'wrong-argument',
  'no-crypto',
  'no-store',
]

const wanted = ['client', 'connect', 'account', 'realm', 'relay', 'tokenUrl', 'profiles'] as const

/**
 * Gives a client to the elements within. It makes one by `connect` and closes it when it is gone, or passes on the one it was given.
 *
 * @slot - What is to have the client.
 * @fires ready - There is a client.
 * @fires error - What is wrong; it is said on the page too.
 */
export class ProviderElement extends SottoElement {
  static override styles = [
    ...SottoElement.styles,
    buttonStyles,
    noticeStyles,
    css`
      :host {
        display: block;
      }
    `,
  ]

  /** Who is logged in: the site's name for its user. */
  @property() account: string | undefined

  /** The site's host name, where it is not that of the page. */
  @property() realm: string | undefined

  /** The address of the backend. */
  @property() relay: string | undefined

  /** Where the site hands out its tokens. */
  @property({ attribute: 'token-url' }) tokenUrl: string | undefined

  /** How the site shows accounts. */
  @property({ attribute: false }) profiles: Profiles | undefined

  /** Makes a client of the attributes. `sotto/define` sets it. */
  @property({ attribute: false }) connect: Connect | undefined

  /** A client made by the page itself. It is not closed by the element. */
  @property({ attribute: false }) client: Client | undefined

  @state() protected source: ClientSource = { name: 'connecting' }

  readonly #announcer = new Announcer(() => this.renderRoot)
  readonly #drafts = new Map<string, string>()
  #stages: readonly CallStage[] = []
  readonly #takeStage = (stage: CallStage) => {
    this.#setStages([...this.#stages, stage])
    return () => this.#setStages(this.#stages.filter((one) => one !== stage))
  }
  readonly #holder = new ClientHolder((source) => this.#show(source))
  readonly #context = new ContextProvider(this, {
    context: clientContext,
    initialValue: this.#contextOf(this.source),
  })
  #held = false

  protected override released(): void {
    this.#holder.release()
    this.#held = false
    this.#show({ name: 'connecting' })
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('lang')) this.#context.setValue(this.#contextOf(this.source))
    if (this.isConnected && (!this.#held || wanted.some((name) => changed.has(name)))) this.#hold()
  }

  protected override firstUpdated(): void {
    this.#announcer.open()
  }

  protected override render(): TemplateResult {
    return html`${this.source.name === 'failed' ? this.renderFailure(this.source) : null}<slot></slot>`
  }

  /** What is wrong, in words, and a way to try again where that may help. */
  protected renderFailure({ error }: ClientSource & { name: 'failed' }): TemplateResult {
    return notice({
      icon: 'warning',
      urgent: true,
      title: this.say('errorTitle'),
      text: errorWords(this.words, error, this.localName),
      // What is wrong with the page or the browser is so the next time, too.
      action: lasting.includes(error.code)
        ? undefined
        : { label: this.say('tryAgain'), run: () => this.#hold() },
    })
  }

  #hold(): void {
    this.#held = true
    const { client, connect, profiles } = this
    const [account, realm, relay, tokenUrl] = [this.account, this.realm, this.relay, this.tokenUrl].map(given)
    this.#holder.hold({ client, connect, settings: { account, realm, relay, tokenUrl, profiles } })
  }

  #show(source: ClientSource): void {
    this.source = source
    this.#context.setValue(this.#contextOf(source))
    if (source.name === 'failed') this.tell(source.error)
    if (source.name === 'ready') this.dispatchEvent(new ReadyEvent(source.client))
  }

  #contextOf(source: ClientSource): ClientContext {
    return {
      source,
      stage: this.#stages[0],
      takeStage: this.#takeStage,
      drafts: this.#drafts,
      announce: (text) => this.#announcer.say(text),
    }
  }

  #setStages(stages: readonly CallStage[]): void {
    this.#stages = stages
    this.#context.setValue(this.#contextOf(this.source))
  }
}

/** Lit makes `null` of an attribute that was removed. */
const given = (value: string | null | undefined) => value ?? undefined
