import type { Page } from 'puppeteer-core'
import { test, assert } from '#test'
import { openGallery } from '../support/gallery-page.js'

const wide = { width: 1100, height: 720 }
const narrow = { width: 390, height: 760 }
const low = { width: 667, height: 320 }

/** Scenes in which there is nothing to press. */
const idle = new Set(['connecting', 'no-connect', 'wrong-attribute', 'elsewhere', 'calls-no-provider'])

/**
 * What can be seen and pressed on the page, but a click does not get there. Something that lies over the rest on purpose, such as a menu, may take
 * the clicks of what lies under it, and nothing outside of a modal dialog is pressed. All others must get their own: a script that calls `click()`
 * does not notice `pointer-events`, a transparent layer, or a button that its neighbour covers.
 */
const lookForDead = (page: Page): Promise<{ readonly asked: number; readonly dead: string[] }> =>
  page.evaluate(`(async () => {
    // A change of the window is told to the page with a frame.
    for (let i = 0; i < 3; i++) await new Promise((resolve) => requestAnimationFrame(resolve))
    const over = 'dialog, .menu, .call-card, .call-screen, .call-bar'
    const up = (one) => one.assignedSlot ?? one.parentElement ?? one.getRootNode().host ?? null
    const chain = (one) => { const all = []; for (let at = one; at; at = up(at)) all.push(at); return all }
    const layer = (one) => chain(one).find((each) => each.matches(over))
    const hitAt = (x, y) => {
      let hit = document.elementFromPoint(x, y)
      while (hit?.shadowRoot) {
        const deeper = hit.shadowRoot.elementFromPoint(x, y)
        if (deeper === null || deeper === hit) break
        hit = deeper
      }
      return hit
    }
    const pressed = []
    const modals = []
    const collect = (root) => {
      for (const one of root.querySelectorAll('*')) {
        if (one.matches('dialog:modal')) modals.push(one)
        if (one.matches('a[href], button:enabled, input:enabled, textarea:enabled, select:enabled, [role=menuitem], [tabindex="0"]'))
          pressed.push(one)
        if (one.shadowRoot !== null) collect(one.shadowRoot)
      }
    }
    collect(document)
    const named = (one) => one.localName + ' ' + (one.getAttribute('part') ?? one.className) + ' "' + (one.ariaLabel ?? one.textContent.trim()).slice(0, 40) + '"'
    let asked = 0
    const dead = []
    for (const one of pressed) {
      const above = chain(one)
      if (modals.length > 0 && !above.includes(modals.at(-1))) continue
      if (!one.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue
      one.scrollIntoView({ block: 'nearest', inline: 'nearest' })
      const [box] = one.getClientRects()
      if (box === undefined || box.width === 0 || box.height === 0) continue
      asked++
      const hit = hitAt(box.x + box.width / 2, box.y + box.height / 2)
      if (hit !== null && chain(hit).includes(one)) continue
      const covering = hit === null ? undefined : layer(hit)
      if (covering !== undefined && !above.includes(covering)) continue
      dead.push(named(one) + ' is behind ' + (hit === null ? 'nothing' : named(hit)))
    }
    return { asked, dead }
  })()`) as Promise<{ readonly asked: number; readonly dead: string[] }>

test('whatever is seen and can be pressed gets the clicks on it', async (context) => {
  const gallery = await openGallery(context)
  if (gallery === undefined) return
  const { page, address } = gallery
  await page.goto(address)
  const scenes = (await page.evaluate('scenes')) as string[]
  const found: string[] = []
  for (const scene of scenes) {
    await page.setViewport(wide)
    await page.goto(`${address}?scene=${scene}`)
    await page.waitForSelector('html[data-ready]')
    let seen = 0
    for (const size of [wide, narrow, low]) {
      await page.setViewport(size)
      const { asked, dead } = await lookForDead(page)
      seen += asked
      for (const one of dead) found.push(`${scene}, ${size.width} x ${size.height}: ${one}`)
    }
    if (seen === 0 && !idle.has(scene)) found.push(`${scene}: nothing to press`)
  }
  assert.deepEqual(found, [])
})
