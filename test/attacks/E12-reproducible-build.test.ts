import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, assert } from '#test'
import { root } from '../support/sources.js'

const sources = [
  'packages',
  'tools',
  'package.json',
  'rollup.config.mjs',
  'tsconfig.base.json',
  'tsconfig.json',
]
const made = /^packages\/[^/]+\/(dist|library\/library\.js)/

/** Names and hashes of all that a build made: what is published. */
async function hashesIn(folder: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(join(folder, 'packages'), { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile() && entry.name !== '.tsbuildinfo')
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length).replace(/^\//, ''))
    .filter((path) => made.test(path))
    .sort()
  const hashes = paths.map(async (path) => {
    return [
      path,
      createHash('sha256')
        .update(await readFile(join(folder, path)))
        .digest('hex'),
    ] as const
  })
  return Object.fromEntries(await Promise.all(hashes))
}

/** The sources without what was made of them, and what is installed by hard links: links between our packages lead into the copy. */
async function copyInto(folder: string): Promise<void> {
  for (const name of sources) {
    const filter = (path: string) => !made.test(path.slice(root.length)) && !path.endsWith('.tsbuildinfo')
    await cp(root + name, join(folder, name), { recursive: true, filter, verbatimSymlinks: true })
  }
  await run('cp', ['-al', `${root}node_modules`, folder], folder)
}

function run(command: string, args: readonly string[], cwd: string): Promise<void> {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (bytes) => (said += String(bytes)))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}\n${said}`)),
    )
  })
}

test('E12 a build in another folder makes byte for byte what the build here made', async ({ after }) => {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-another-place-with-a-longer-name-'))
  after(() => rm(folder, { recursive: true, force: true }))
  await copyInto(folder)
  assert.deepEqual(await hashesIn(folder), {}, 'the copy starts with nothing made')
  await run(process.execPath, ['tools/build.mjs'], folder)
  const there = await hashesIn(folder)
  assert.containsAllKeys(there, ['packages/sotto/dist/sotto.js', 'packages/signal/library/library.js'])
  const here = await hashesIn(root)
  const paths = [...new Set([...Object.keys(here), ...Object.keys(there)])]
  assert.deepEqual(
    paths.filter((path) => here[path] !== there[path]),
    [],
    'these differ',
  )
})
