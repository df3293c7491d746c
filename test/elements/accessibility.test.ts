import 'axe-core/axe.min.js'
import type { AxeResults, RunOptions } from 'axe-core'
import { test, assert } from '#test'
import { scenes } from '../support/gallery-scenes.js'
import { atRest, mount, settled } from '../support/stage.js'

const { axe } = globalThis as unknown as {
  axe: { run(context: Element, options: RunOptions): Promise<AxeResults> }
}

const options: RunOptions = {
  // A page has landmarks and one heading of the first order; an element in it has not.
  rules: { region: { enabled: false }, 'page-has-heading-one': { enabled: false } },
  resultTypes: ['violations'],
}

for (const [name, scene] of Object.entries(scenes)) {
  for (const look of ['light', 'dark'] as const) {
    test(`the scene ${name} is clean to axe, ${look}`, async (context) => {
      const { element, act, still = 100 } = scene()
      document.documentElement.style.colorScheme = look
      document.body.style.background = 'Canvas'
      context.after(() => (document.documentElement.style.colorScheme = ''))
      await mount(context, element)
      act?.()
      await new Promise((resolve) => setTimeout(resolve, still))
      await settled()
      await atRest(document.body)
      const { violations } = await axe.run(element, options)
      const found = violations.flatMap(({ id, nodes }) =>
        nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ''}`),
      )
      assert.deepEqual(found, [])
    })
  }
}
