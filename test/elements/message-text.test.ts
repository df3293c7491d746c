import { rangeKinds } from '@sotto/protocol'
import { render } from 'lit'
import { test, assert } from '#test'
import { Links } from '../../packages/elements/src/thread/links.js'
import { isEmoji, messageText, shownLength } from '../../packages/elements/src/thread/message-text.js'

const links = await Links.fetch()

const hrefs = (text: string) => links.split(text).flatMap(({ href }) => href ?? [])

function shown(text: string, ranges: Parameters<typeof messageText>[1] = []): HTMLElement {
  const place = document.createElement('div')
  render(messageText(text, ranges, links), place)
  return place
}

test('finds addresses of the web and of mail', () => {
  assert.deepEqual(hrefs('see https://example.com/a?b=c#d, or example.com. bob@example.com!'), [
    'https://example.com/a?b=c#d',
    'https://example.com/',
    'mailto:bob@example.com',
  ])
})

test('makes no link of any other scheme, whatever it looks like', () => {
  for (const text of [
    'javascript:alert(1)',
    'JaVaScRiPt://example.com/%0aalert(1)',
    'data:text/html,<b>x</b>',
    'file:///etc/passwd',
    'ftp://example.com',
    '//example.com/x',
    'vbscript:x',
    'blob:https://example.com/1',
    'intent://example.com',
  ]) {
    const made = hrefs(text).filter((href) => !/^https:\/\/example\.com/.test(href))
    assert.deepEqual(made, [], text)
  }
})

test('makes no link of an address that hides where it leads behind an @', () => {
  assert.deepEqual(hrefs('https://bank.example@evil.example/login'), [])
})

test('is the text, letter for letter', () => {
  for (const text of ['', ' a  b ', 'x https://example.com y', '<b>&amp;</b>', 'a\n\n b\t', 'a.com b.com']) {
    assert.equal(shown(text).textContent, text)
    const pieces = links.split(text).map((piece) => piece.text)
    assert.equal(pieces.join(''), text)
  }
})

test('reads nothing as markup', () => {
  const place = shown('<img src=x onerror=alert(1)> <script>1</script> &lt;')
  assert.equal(place.querySelectorAll('*').length, 0)
})

test('opens links elsewhere, and tells the other page nothing', () => {
  const link = shown('example.com').querySelector('a')
  assert.equal(link?.target, '_blank')
  assert.equal(link?.rel, 'noopener noreferrer')
})

test('styles ranges, nested and over a link', () => {
  const bold = { start: 0, length: 14, kind: rangeKinds.bold }
  const italic = { start: 4, length: 3, kind: rangeKinds.italic }
  const place = shown('all for example.com', [bold, italic])
  assert.equal(place.textContent, 'all for example.com')
  assert.equal(place.querySelector('.italic')?.textContent, 'for')
  assert.isTrue(place.querySelector('.italic')?.classList.contains('bold'))
  assert.equal(place.querySelector('a .bold')?.textContent, 'exampl')
})

test('ignores ranges of an unknown kind or outside of the text', () => {
  const place = shown('short', [
    { start: 0, length: 5, kind: 99 },
    { start: 50, length: 5, kind: rangeKinds.bold },
  ])
  assert.equal(place.textContent, 'short')
  assert.isNull(place.querySelector('span'))
})

test('shows a long text in part, up to the end of a word and never half a letter', () => {
  assert.equal(shownLength('short'), 5)
  assert.isBelow(shownLength('word '.repeat(2000)), 1700)
  assert.isBelow(shownLength('\n'.repeat(200)), 40)
  const faces = '😀'.repeat(2000)
  assert.notMatch(faces.slice(0, shownLength(faces)), /[\ud800-\udbff]$/)
})

test('shows the text as it is until links can be made', () => {
  assert.deepEqual(messageText('see example.com', [], undefined), ['see example.com'])
})

test('knows a few emoji from text', () => {
  for (const text of ['👍', '👩‍👩‍👧', '🎉🎂', '❤️', '🇩🇪', '👍🏽']) assert.isTrue(isEmoji(text), text)
  for (const text of ['a', '👍 yes', '👍👍👍👍', '', '7']) assert.isFalse(isEmoji(text), text)
})
