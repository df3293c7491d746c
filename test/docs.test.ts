import { existsSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { errorCodes } from '@sotto/protocol'
import { test, assert } from '#test'
import { blocksOf, compileBlocks } from './support/code-blocks.js'
import { faultsIn, vocabulary } from './support/markup.js'
import { filesUnder, root } from './support/sources.js'

/** What is promised to readers. */
const promised = [
  'README.md',
  'docs/getting-started.md',
  'docs/architecture.md',
  'docs/protocol.md',
  'docs/threat-model.md',
  'docs/adapters.md',
  'docs/theming.md',
  'docs/errors.md',
  'docs/self-hosting.md',
  'docs/dependencies.md',
  'docs/performance.md',
]

const documents = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md'].filter((path) => existsSync(root + path)),
  ...['packages', 'docs', 'examples'].filter((folder) => existsSync(root + folder)).flatMap(filesUnder),
].filter((path) => path.endsWith('.md') && !path.startsWith('docs/api/'))

test('every page that is promised is there', () => {
  assert.deepEqual(
    promised.filter((path) => !documents.includes(path)),
    [],
  )
})

test('every code block in the documents compiles', () => {
  const blocks = documents.flatMap((path) => blocksOf(path)).filter(({ language }) => /^tsx?$/.test(language))
  assert.deepEqual(compileBlocks(blocks), [])
})

test('every piece of markup in the documents uses elements and attributes that there are', async () => {
  const known = await vocabulary()
  const blocks = documents.flatMap((path) => blocksOf(path)).filter(({ language }) => language === 'html')
  assert.isNotEmpty(blocks)
  const faults = blocks.flatMap(({ document, line, code }) =>
    faultsIn(code, known).map((fault) => `${document}:${line} ${fault}`),
  )
  assert.deepEqual(faults, [])
  assert.deepEqual(faultsIn('<sotto-thread wiht="bob"></sotto-thread>', known), [
    '<sotto-thread> has no wiht',
  ])
  assert.deepEqual(faultsIn('<sotto-tread></sotto-tread>', known), ['there is no <sotto-tread>'])
  assert.deepEqual(faultsIn('<p><sotto-inbox></p>', known), [
    '</p> closes something else',
    '<p> is not closed',
  ])
})

test('a code block that does not compile is found, with its line', () => {
  const text =
    "# A\n\n<!-- given: declare const n: number -->\n\n```ts\nimport { connect } from 'sotto'\nvoid connect(n)\n```\n"
  const [first, ...more] = compileBlocks(blocksOf('a.md', text))
  assert.match(first ?? '', /^a\.md:5 Argument of type 'number'/)
  assert.isEmpty(more)
  assert.isEmpty(
    compileBlocks(blocksOf('a.md', '```ts\nconst a: number = 1\n```\n\n```ts\nconst a = await 2\n```\n')),
  )
})

test('every error code has one heading in docs/errors.md, and every heading is a code', () => {
  const headings = readFileSync(`${root}docs/errors.md`, 'utf8').matchAll(/^#{2,4} `?([a-z][a-z-]*)`?$/gm)
  assert.sameMembers(
    [...headings].map(([, code]) => code),
    Object.keys(errorCodes),
  )
})

test('every link inside the documents leads to a file that is there', () => {
  const dead = documents.flatMap((path) => {
    const links = readFileSync(root + path, 'utf8').matchAll(
      /\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)/g,
    )
    const targets = [...links].map(([, target = '']) => posix.join(posix.dirname(path), target))
    const lost = targets.filter((target) => !existsSync(root + target))
    return lost.map((target) => `${path} → ${target}`)
  })
  assert.deepEqual(dead, [])
})
