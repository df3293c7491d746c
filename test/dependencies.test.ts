import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { test, assert } from '#test'
import { importsOf, packageSources, root } from './support/sources.js'

type Names = Readonly<Record<string, string>>

interface Manifest {
  readonly name: string
  readonly dependencies?: Names
  readonly peerDependencies?: Names
  readonly devDependencies?: Names
}

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly license?: string; readonly dev?: boolean; readonly link?: boolean }>
  >
}

const read = (path: string): unknown => JSON.parse(readFileSync(root + path, 'utf8'))
const folders = readdirSync(`${root}packages`)
const manifestOf = (folder: string) => read(`packages/${folder}/package.json`) as Manifest
const isOurs = (name: string) => name === 'sotto' || name.startsWith('@sotto/')

/** Named in a package.json and imported nowhere yet. What comes to be used leaves this list. */
const unused: readonly string[] = [
  // Required only where Node has no SQLite of its own.
  'relay: better-sqlite3',
]

/** `name | where | licence` of everything that is somebody else's, from the package.json files and from what is installed. */
function actualRows(): readonly string[] {
  const where = new Map<string, Set<string>>()
  const add = (names: Names | undefined, place: string) => {
    for (const name of Object.keys(names ?? {}).filter((one) => !isOurs(one))) {
      where.set(name, (where.get(name) ?? new Set()).add(place))
    }
  }
  add((read('package.json') as Manifest).devDependencies, 'dev')
  add((read('test/bench/package.json') as Manifest).dependencies, 'bench')
  for (const folder of folders) {
    const { dependencies, peerDependencies, devDependencies } = manifestOf(folder)
    add({ ...dependencies, ...peerDependencies }, folder)
    add(devDependencies, `${folder} (dev)`)
  }
  return [...where]
    .map(([name, places]) => `${name} | ${[...places].sort().join(', ')} | ${licenceOf(name)}`)
    .sort()
}

function licenceOf(name: string): string {
  const places = ['', ...folders.map((folder) => `packages/${folder}/`)].map(
    (place) => `${place}node_modules/${name}/package.json`,
  )
  const found = places.find((path) => existsSync(root + path))
  if (found !== undefined) return (read(found) as { license: string }).license
  // What only the bench needs is installed by the bench alone, but its lock file says.
  const { packages } = read('test/bench/package-lock.json') as Lock
  return packages[`node_modules/${name}`]?.license ?? 'not installed'
}

test('the table of dependencies says what is in the package.json files, and each has a reason', () => {
  const page = readFileSync(`${root}docs/dependencies.md`, 'utf8')
  const rows = [...page.matchAll(/^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \| ([^|]*\S) \|$/gm)]
  const said = rows.map(([, name, where, licence]) => [name, where, licence].join(' | '))
  const actual = actualRows()
  assert.deepEqual(
    actual.filter((row) => !said.includes(row)),
    [],
    'rows that the table lacks',
  )
  assert.deepEqual(
    said.filter((row) => !actual.includes(row)),
    [],
    'rows that are not so',
  )
  assert.lengthOf(said, new Set(said).size)
})

test('every package names what it imports, and imports what it names', () => {
  const sources = packageSources()
  const undeclared: string[] = []
  const idle: string[] = []
  for (const folder of folders) {
    const { name, dependencies, peerDependencies } = manifestOf(folder)
    const declared = Object.keys({ ...dependencies, ...peerDependencies })
    const imported = new Set(
      sources
        .filter(({ path }) => path.startsWith(`packages/${folder}/`))
        .flatMap(importsOf)
        .filter((to) => !/^(\.|#|node:)/.test(to))
        .map((to) =>
          to
            .split('/')
            .slice(0, to.startsWith('@') ? 2 : 1)
            .join('/'),
        ),
    )
    undeclared.push(
      ...[...imported]
        .filter((one) => one !== name && !declared.includes(one))
        .map((one) => `${folder}: ${one}`),
    )
    idle.push(...declared.filter((one) => !imported.has(one)).map((one) => `${folder}: ${one}`))
  }
  assert.deepEqual(undeclared, [])
  assert.deepEqual(idle, unused)
})

test('our packages ask for each other in exactly the version that they have', () => {
  const { version } = read('package.json') as { version: string }
  for (const folder of folders) {
    const manifest = manifestOf(folder) as Manifest & {
      version: string
      license: string
      sideEffects: unknown
    }
    assert.equal(manifest.version, version, folder)
    assert.equal(manifest.license, /^(signal|sotto)$/.test(folder) ? 'GPL-3.0-only' : 'Apache-2.0', folder)
    for (const [name, range] of Object.entries({ ...manifest.dependencies }))
      if (isOurs(name)) assert.equal(range, version, name)
  }
})

test('all that comes with the packages, however deep, is under a licence that ours can live with', () => {
  const known =
    /^(MIT|ISC|BSD-[23]-Clause|0BSD|Apache-2\.0|MIT OR \S+|\(?BSD-2-Clause OR MIT OR Apache-2\.0\)?|\(MIT OR WTFPL\))$/
  const { packages } = read('package-lock.json') as Lock
  const shipped = Object.entries(packages).filter(
    ([path, one]) => path.includes('node_modules/') && !one.dev && !one.link,
  )
  assert.isAbove(shipped.length, 20)
  const odd = shipped
    .filter(([, { license }]) => !known.test(license ?? ''))
    .map(([path, { license }]) => `${path} ${license}`)
  assert.deepEqual(odd, [])
})
