import { html, LitElement, type TemplateResult } from 'lit'
import { test, assert } from '#test'
import { Localizer } from '../../packages/elements/src/locales/localizer.js'
import { mount, settled } from '../support/stage.js'

/** Says the same words many times, and counts how often the nearest language is looked for. */
class WordsElement extends LitElement {
  looks = 0
  readonly words = new Localizer(this)

  override closest(selector: string): Element | null {
    if (selector.startsWith('[lang]')) this.looks++
    return super.closest(selector)
  }

  protected override render(): TemplateResult {
    return html`${this.words.say('today')}, ${this.words.say('today')}, ${this.words.time(0)},
    ${this.words.say('newCount', 2)}`
  }
}
customElements.define('test-words', WordsElement)

test('looks for its language once, however much it says', async (context) => {
  const element = await mount(context, new WordsElement())
  element.looks = 0
  element.requestUpdate()
  await settled()
  assert.equal(element.looks, 1)
})

test('says other words when the language is another', async (context) => {
  const element = new WordsElement()
  element.lang = 'en'
  await mount(context, element)
  assert.include(element.renderRoot.textContent ?? '', 'Today, Today')
  assert.equal(element.words.say('today'), 'Today')
  element.lang = 'de'
  await element.words.fetching()
  element.requestUpdate()
  await settled()
  assert.include(element.renderRoot.textContent ?? '', 'Heute, Heute')
  assert.equal(element.words.say('yesterday'), 'Gestern')
})
