import { test, assert } from '#test'
import { objectionTo } from './support/arrows.js'
import { moduleState } from './support/module-state.js'
import { importsOf, packageSources, parse } from './support/sources.js'

const sources = packageSources()

test('every import points the way the house allows', () => {
  const objections = sources.flatMap((source) => importsOf(source).map((to) => objectionTo(source.path, to)))
  assert.deepEqual(
    objections.filter((one) => one !== undefined),
    [],
  )
  assert.isAbove(objections.length, 200, 'imports were found at all')
})

test('an import the wrong way is refused', () => {
  const wrong = [
    ['packages/protocol/src/codec.ts', '@sotto/core'],
    ['packages/core/src/client.ts', './adapters/relay/index.js'],
    ['packages/core/src/messages/sender.ts', '../adapters/memory/memory-store.js'],
    ['packages/core/src/messages/sender.ts', '@sotto/core/memory'],
    ['packages/core/src/ports/store.ts', '../client.js'],
    ['packages/core/src/adapters/relay/http-calls.ts', '../../ports/index.js'],
    ['packages/core/src/adapters/relay/http-calls.ts', '../memory/index.js'],
    ['packages/core/src/adapters/relay/http-calls.ts', '@sotto/core'],
    ['packages/signal/src/wire.ts', '@sotto/core'],
    ['packages/elements/src/theme.ts', '@sotto/signal'],
    ['packages/elements/src/theme.ts', '@sotto/core/ports'],
    ['packages/relay/src/server.ts', '@sotto/core'],
    ['packages/relay/src/server.ts', '../../core/src/index.js'],
  ] as const
  for (const [path, to] of wrong) assert.isDefined(objectionTo(path, to), `${path} → ${to}`)
})

test('only connect() knows both the domain and its adapters', () => {
  const both = sources.filter((source) => {
    const imports = importsOf(source)
    const adapters = imports.some((to) => /^@sotto\/(signal$|core\/(?!ports$))/.test(to))
    return adapters && imports.includes('@sotto/core')
  })
  assert.deepEqual(
    both.map(({ path }) => path),
    ['packages/sotto/src/connect.ts'],
  )
})

test('an adapter leans on one library at most', () => {
  const libraries = new Map<string, Set<string>>()
  for (const source of sources) {
    const adapter = /^packages\/core\/src\/adapters\/[^/]+/.exec(source.path)?.[0]
    if (adapter === undefined) continue
    const theirs = importsOf(source).filter((to) => !/^(\.|@sotto\/)/.test(to))
    const names = theirs.map((to) =>
      to
        .split('/')
        .slice(0, to.startsWith('@') ? 2 : 1)
        .join('/'),
    )
    libraries.set(adapter, new Set([...(libraries.get(adapter) ?? []), ...names]))
  }
  assert.isAtLeast(libraries.size, 4)
  for (const [adapter, names] of libraries)
    assert.isAtMost(names.size, 1, `${adapter}: ${[...names].join(', ')}`)
})

test('no module keeps state that two clients on a page would share', () => {
  assert.deepEqual(sources.flatMap(moduleState), [])
})

test('state at module level is found in all its forms', () => {
  const forms = [
    'let count = 0',
    'export var count = 0',
    'const seen = new Map<string, number>()',
    'const seen: Map<string, number> = new Map()',
    'const engine = new Engine()',
    'const list = []; export function f() { list.push(1) }',
    'const state = { n: 0 }; export function f() { state.n++ }',
    'const state = { n: 0 }; export function f() { state.n = 1 }',
    'const state = {}; export function f(k) { delete state[k] }',
    'class A { static count = 0 }',
  ]
  for (const form of forms) assert.lengthOf(moduleState(parse('x.ts', form)), 1, form)
  const fine =
    "const a: ReadonlySet<string> = new Set(['x']); const b = { n: 1 }; export const f = (k) => b[k]"
  assert.deepEqual(moduleState(parse('x.ts', fine)), [])
})
