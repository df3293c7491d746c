import type { Call, Conversation, Relation, Trust } from '@sotto/core'
import type { SottoError } from '@sotto/protocol'
import { html, type PropertyValues, type TemplateResult } from 'lit'
import { property, query } from 'lit/decorators.js'
import { keyed } from 'lit/directives/keyed.js'
import { mayCall, mayVideo } from '../call/may-call.js'
import { checkDialog } from '../check/check-dialog.js'
import { conversationOf } from '../conversation-of.js'
import { SelectEvent } from '../events.js'
import { avatarStyles } from '../pieces/avatar.js'
import { buttonStyles } from '../pieces/button-styles.js'
import { DialogController, dialogStyles } from '../pieces/dialog-controller.js'
import { isolate } from '../pieces/isolate.js'
import { MenuController, menuStyles } from '../pieces/menu-controller.js'
import { notice, noticeStyles } from '../pieces/notice.js'
import { offlinePill, pillStyles, standing } from '../pieces/standing.js'
import { ProfileController } from '../profile-controller.js'
import { sottoError } from '../provider/client-holder.js'
import { ReadableController } from '../readable-controller.js'
import { ViewElement } from '../view-element.js'
import { blockedBar, changedBar, requestBar, stoppedBar } from './bars.js'
import type { ComposerElement } from './composer-element.js'
import { composerStyles } from './composer-styles.js'
import { messageListStyles } from './message-list-styles.js'
import { messageStyles } from './message-styles.js'
import type { MessageListElement } from './message-list-element.js'
import { separatorStyles } from './separator-styles.js'
import { threadActions, type ThreadActions } from './thread-actions.js'
import { threadHeader } from './thread-header.js'
import { threadStyles } from './thread-styles.js'

/**
 * One conversation: its messages, and where the next is written.
 *
 * @slot header - In the place of the picture, the name and how sure that is.
 * @slot back - Before it.
 * @fires error - What is wrong; it is said on the page too.
 */
export class ThreadElement extends ViewElement {
  static override styles = [
    ...ViewElement.styles,
    buttonStyles,
    avatarStyles,
    noticeStyles,
    dialogStyles,
    menuStyles,
    pillStyles,
    threadStyles,
    messageListStyles,
    messageStyles,
    separatorStyles,
    composerStyles,
  ]

  /** The other account. */
  @property() with: string | undefined

  /** Something lies over it, so that nothing in it is read. */
  @property({ attribute: false }) covered = false

  @query('sotto-composer') protected readonly composer!: ComposerElement | null
  @query('sotto-message-list') protected readonly list!: MessageListElement | null

  readonly #trust = new ReadableController<Trust>(this, () => this.#conversation?.trust)
  readonly #relation = new ReadableController<Relation>(this, () => this.#conversation?.relation)
  readonly #call = new ReadableController<Call | undefined>(this, () => this.currentClient?.call)
  readonly #features = new ReadableController(this, () => this.currentClient?.features)
  readonly #direct = new ReadableController(this, () => this.#conversation?.directCalls)
  readonly #profiles = new ProfileController(this)
  readonly #menu = new MenuController(this)
  readonly #dialog = new DialogController(this)
  #conversation: Conversation | undefined
  #wrong: SottoError | undefined

  /** Puts the cursor where the next message is written; where that would bring up a keyboard on the screen, the focus on the messages. */
  async focusComposer(): Promise<void> {
    await this.updateComplete
    await this.list?.updateComplete
    if (this.composer === null || matchMedia('(pointer: coarse)').matches) this.list?.focusMessage()
    else this.composer.focusField()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed)
    this.#conversation = undefined
    this.#wrong = this.mistake
    if (this.#wrong !== undefined || this.currentClient === undefined) return
    try {
      this.#conversation = conversationOf(this.currentClient, this.with)
    } catch (error) {
      this.#wrong = sottoError(error)
    }
  }

  protected override render(): TemplateResult | null {
    const { currentClient: client, clientState, words } = this
    if (this.#wrong !== undefined) return this.renderMistake(this.#wrong)
    const conversation = this.#conversation
    if (client === undefined || conversation === undefined) return null
    const stands = standing(words, clientState)
    if (clientState.name === 'elsewhere' && stands !== undefined) return notice(stands)
    const profile = this.#profiles.of(client, conversation.account)
    const name = isolate(profile.name)
    const settled = this.#trust.value?.name !== 'changed' && this.#relation.value === 'accepted'
    const calls = settled && stands === undefined ? this.#calls(conversation) : undefined
    return html`<section aria-label=${words.say('thread', name)}>
        ${threadHeader({
          words,
          account: conversation.account,
          profile,
          trust: this.#trust.value,
          blocked: this.#relation.value === 'blocked',
          compare: this.#compare,
          calls,
          more:
            stands === undefined
              ? (event) => this.#more(event, conversation, name, calls !== undefined)
              : undefined,
        })}
        <div class="middle">
          ${offlinePill(words, client, clientState)}
          ${keyed(
            conversation,
            html`<sotto-message-list
              lang=${words.lang()}
              .conversation=${conversation}
              .name=${name}
              .tellsReading=${settled && stands === undefined && !this.covered}
              .announce=${this.#say}
              .calls=${calls}
              @leave=${this.#leave}
            ></sotto-message-list>`,
          )}
        </div>
        ${stands === undefined ? this.#foot(conversation, name) : stoppedBar(stands)}
      </section>
      ${this.#menu.render()} ${this.#dialog.render()}`
  }

  /** There is nothing to press where nothing would be seen of a call. */
  #calls(conversation: Conversation) {
    const stage = this.client === undefined ? this.context?.stage : undefined
    const features = this.#features.value
    if (stage === undefined || !mayCall(features)) return undefined
    const place = (video: boolean) => stage.place(conversation.account, { video })
    return { place, video: mayVideo(features), busy: this.#call.value !== undefined }
  }

  #foot(conversation: Conversation, name: string): TemplateResult {
    const { words } = this
    const trust = this.#trust.value
    const actions = this.#actions(conversation, name)
    if (this.#relation.value === 'blocked') return blockedBar({ words, name }, actions.unblock)
    if (this.#relation.value === 'request') return requestBar({ words, name }, actions)
    if (trust?.name === 'changed')
      return changedBar({ words, name }, trust, {
        compare: this.#compare,
        goOn: () => actions.goOn(trust.accountId),
      })
    return html`<sotto-composer
      lang=${words.lang()}
      .conversation=${conversation}
      .name=${name}
      .drafts=${this.drafts}
      @sent=${() => this.list?.toNewest()}
    ></sotto-composer>`
  }

  readonly #say = (text: string) => this.announce(text)

  readonly #leave = () => this.composer?.focusField()

  readonly #compare = () => {
    const { currentClient: client, with: account } = this
    if (client === undefined) return
    this.#dialog.open({
      label: this.say('safetyNumber'),
      body: () =>
        html`<sotto-safety
          exportparts="digits, button"
          lang=${this.words.lang()}
          .client=${client}
          .with=${account}
          @close=${this.#dialog.close}
        ></sotto-safety>`,
    })
  }

  #more(event: Event, conversation: Conversation, name: string, callable: boolean): void {
    const { words } = this
    const actions = this.#actions(conversation, name)
    const blocked = this.#relation.value === 'blocked'
    const direct = this.#direct.value
      ? ({ label: words.say('endDirect'), icon: 'phone', run: actions.endDirect } as const)
      : ({ label: words.say('allowDirect'), icon: 'phone', run: actions.askDirect } as const)
    const check = checkDialog({ words, client: this.currentClient, dialog: this.#dialog })
    this.#menu.open(event.currentTarget as Element, words.say('more'), [
      { label: words.say('compareMenu'), icon: 'shield', run: this.#compare },
      ...(callable ? [direct, { ...check, icon: 'microphone' } as const] : []),
      blocked
        ? { label: words.say('unblock'), icon: 'ban', run: actions.unblock }
        : { label: words.say('block'), icon: 'ban', run: actions.askBlock },
      { label: words.say('deleteConversation'), icon: 'trash', bad: true, run: actions.askRemove },
    ])
  }

  #actions(conversation: Conversation, name: string): ThreadActions {
    return threadActions({
      words: this.words,
      conversation,
      name,
      dialog: this.#dialog,
      failed: (error) => this.tell(sottoError(error)),
      gone: () => this.dispatchEvent(new SelectEvent(undefined)),
    })
  }
}
