import { readdirSync, readFileSync } from 'node:fs'
import { test, assert } from '#test'
import { de } from '../../packages/elements/src/locales/de.js'
import { en } from '../../packages/elements/src/locales/en.js'

const folder = new URL('../../packages/elements/src/', import.meta.url)
const sources = readdirSync(folder, { recursive: true })
  .map(String)
  .filter((path) => path.endsWith('.ts') && !/^locales\/(en|de)\.ts$/.test(path))
  .map((path) => readFileSync(new URL(path, folder), 'utf8'))
  .join('\n')

test('German says everything that English says, and nothing else', () => {
  assert.deepEqual(Object.keys(de).sort(), Object.keys(en).sort())
})

test('a term takes the same in both languages, and says something', () => {
  for (const [key, english] of Object.entries(en)) {
    const german: unknown = de[key as keyof typeof de]
    assert.equal(typeof german, typeof english, key)
    if (typeof english === 'function') {
      assert.equal((german as (...args: unknown[]) => string).length, english.length, key)
    }
    for (const term of [english, german]) {
      const said =
        typeof term === 'function' ? (term as (...args: unknown[]) => string)('2', 'Bob', 'x') : String(term)
      assert.match(said, /\S/, key)
      assert.notInclude(said, 'undefined', key)
    }
  }
})

test('what counts says one and many differently', () => {
  for (const language of [en, de]) {
    assert.notEqual(language.unreadCount(1), language.unreadCount(2).replace('2', '1'))
    assert.notEqual(language.missing(1, 'Bob'), language.missing(2, 'Bob').replace('2', '1'))
  }
})

test('every term is said somewhere', () => {
  const unsaid = Object.keys(en).filter((key) => !new RegExp(`'${key}'`).test(sources))
  assert.deepEqual(unsaid, [])
})

test('no word for a person stands in the elements outside the languages', () => {
  // Text between tags, or in an attribute that is read: begins with a letter and goes on in letters.
  const spoken = /(?:(?<!=)>|aria-label="|title="|placeholder=")\s*([A-Z][a-z]+ ?[a-z]*)\s*(?=<|")/g
  const found = [...sources.matchAll(spoken)].map(([, words]) => words)
  assert.deepEqual(found, [])
})
