import { assert, test } from '#test'
import { complaintsOf, openChromium } from '../support/chromium.js'
import { DemoSite } from '../support/demo-site.js'
import { MessengerPage, preparePage } from '../support/messenger-page.js'
import type { TestContext } from '../support/test-body.js'

/** Texts that would run or load something wherever markup is made of them. */
const hostile = [
  '<img src=x onerror="window.pwned=1">',
  '<script>window.pwned=1</script>',
  '<svg/onload=window.pwned=1>',
  'javascript:window.pwned=1',
  'data:text/html,<script>parent.pwned=1</script>',
  '![x](https://tracker.example/pixel.gif)',
  '<link rel=prefetch href="https://tracker.example/p">',
  "');window.pwned=1//",
  '${window.pwned=1}',
  '{{constructor.constructor("window.pwned=1")()}}',
]

/** Alice and Bob on one page; every address that anything asks for is written down. */
async function people(context: TestContext) {
  const browser = await openChromium(context)
  if (browser === undefined) return undefined
  const site = await DemoSite.start(context)
  const page = await browser.newPage()
  await page.setViewport({ width: 1400, height: 1600 })
  const said = await complaintsOf(page)
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  await preparePage(page)
  await page.goto(site.url)
  const [alice, bob] = await MessengerPage.all(page)
  if (alice === undefined || bob === undefined) throw new Error('two people are expected')
  await alice.startWith(bob.account)
  return { page, said, asked, alice, bob, site }
}

const pwned = (page: { evaluate(text: string): Promise<unknown> }) => page.evaluate('window.pwned')

test('E02 control: the same page, asked to, runs what it is given and says so under its policy', async (context) => {
  const found = await people(context)
  if (found === undefined) return
  const { page } = found
  await page.evaluate('window.pwned = 1')
  assert.equal(await pwned(page), 1)
  const refused = await page.evaluate(
    '(() => { try { document.createElement("div").innerHTML = "<b>x</b>"; return false } catch { return true } })()',
  )
  assert.isTrue(refused)
})

test('E02 what a person writes is shown as it was written, and runs nothing, under Trusted Types', async (context) => {
  const found = await people(context)
  if (found === undefined) return
  const { page, said, alice, bob } = found
  for (const text of hostile) await alice.write(text)
  await bob.shows('Wants to write to you')
  await bob.open('Alice')
  await bob.accept()
  for (const text of hostile) await bob.shows(text.replace(/\s+/g, ' '))
  assert.isUndefined(await pwned(page))
  assert.deepEqual(said, [])
  const made = await page.evaluate(`[...document.querySelectorAll('sotto-messenger')].flatMap((one) => {
    const all = []
    const walk = (root) => { for (const node of root.querySelectorAll('*')) { all.push(node.localName); if (node.shadowRoot) walk(node.shadowRoot) } }
    walk(one.shadowRoot)
    return all
  }).filter((name) => ['script', 'iframe', 'object', 'embed', 'link'].includes(name))`)
  assert.deepEqual(made, [])
})

test('E03 nothing remote is asked for because of a message, and only plain addresses become links', async (context) => {
  const found = await people(context)
  if (found === undefined) return
  const { page, said, asked, alice, bob, site } = found
  await alice.write('https://tracker.example/picture.png and http://other.example and example.com/trains')
  await alice.write('![x](https://tracker.example/pixel.gif)')
  await alice.write('javascript:window.pwned=1')
  await bob.shows('Wants to write to you')
  await bob.open('Alice')
  await bob.accept()
  await bob.shows('tracker.example/picture.png')
  await new Promise((resolve) => setTimeout(resolve, 1000))
  const own = new URL(site.url).hostname
  assert.isAbove(asked.length, 3)
  assert.deepEqual(
    asked.filter((url) => /^https?:/.test(url) && new URL(url).hostname !== own),
    [],
  )
  const links = await page.evaluate(`[...document.querySelectorAll('sotto-messenger')].flatMap((one) => {
    const all = []
    const walk = (root) => { for (const node of root.querySelectorAll('*')) { if (node.localName === 'a') all.push([node.protocol, node.rel]); if (node.shadowRoot) walk(node.shadowRoot) } }
    walk(one.shadowRoot)
    return all
  })`)
  const list = links as readonly (readonly [string, string])[]
  assert.isAbove(list.length, 0)
  for (const [protocol, rel] of list) {
    assert.match(protocol, /^(https?|mailto):$/)
    assert.include(rel, 'noopener')
    assert.include(rel, 'noreferrer')
  }
  assert.deepEqual(said, [])
})
