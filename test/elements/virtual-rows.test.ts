import { html, LitElement, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { test, assert } from '#test'
import { VirtualRows } from '../../packages/elements/src/thread/virtual-rows.js'
import { mount, settled } from '../support/stage.js'

interface Row {
  readonly key: string
}

/** A list of rows 40 pixels high, of which it counts how often it is asked how high they will be. */
class RowsElement extends LitElement {
  readonly asked = new Map<string, number>()
  readonly rows = new VirtualRows<Row>(
    this,
    () => {
      const [scroller, sizer, window] = ['#scroller', '#sizer', '#window'].map((id) =>
        this.renderRoot.querySelector<HTMLElement>(id),
      )
      return scroller && sizer && window ? { scroller, sizer, window } : undefined
    },
    ({ key }) => {
      this.asked.set(key, (this.asked.get(key) ?? 0) + 1)
      return 60
    },
  )

  get scroller(): HTMLElement {
    const scroller = this.renderRoot.querySelector<HTMLElement>('#scroller')
    if (scroller === null) throw new Error('not rendered')
    return scroller
  }

  protected override render(): TemplateResult {
    return html`<div
      id="scroller"
      style="height: 100%; overflow-y: auto; position: relative"
      @scroll=${() => this.rows.scrolled()}
    >
      <div id="sizer">
        <div id="window">
          ${repeat(
            this.rows.render(),
            ({ row }) => row.key,
            ({ row }) => html`<div style="height: 40px">${row.key}</div>`,
          )}
        </div>
      </div>
    </div>`
  }
}
customElements.define('test-rows', RowsElement)

test('asks once how high a row will be, however far one scrolls', async (context) => {
  const element = new RowsElement()
  element.style.display = 'block'
  element.rows.set(Array.from({ length: 500 }, (_, i) => ({ key: String(i) })))
  await mount(context, element)
  for (let i = 0; i < 10; i++) {
    element.scroller.scrollBy(0, -500)
    await settled(2)
  }
  assert.equal(element.asked.size, 500)
  assert.deepEqual(
    [...element.asked].filter(([, times]) => times > 1),
    [],
  )
})
