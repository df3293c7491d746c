// `npm run build`: the checked library, the packages as ESM with types, the one-tag bundle. Two runs give the same bytes (test/build.test.ts).
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root, runNode } from './run.mjs'

const rollup = 'node_modules/rollup/dist/bin/rollup'

/** The given Signal library as one file with our replacements. Sources and tests need it too, so setting up makes it. */
export async function buildLibrary() {
  await runNode([rollup, '--silent', '-c', 'packages/signal/library/rollup.config.mjs'])
}

export async function build() {
  await buildLibrary()
  // All of it each time: the order in which tsc names the parts of a union hangs on what it has looked at before.
  await runNode(['node_modules/typescript/bin/tsc', '-b', '--force', 'packages/sotto', 'packages/relay'])
  for (const name of readdirSync(join(root, 'packages'))) removeStale(join(root, 'packages', name))
  await runNode([rollup, '--silent', '-c', 'rollup.config.mjs'])
}

/** tsc leaves behind what it made of sources that are gone, and npm would pack it. Old bundles go as well. */
function removeStale(folder) {
  const dist = join(folder, 'dist')
  if (!existsSync(dist)) return
  for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name === '.tsbuildinfo') continue
    const made = join(entry.parentPath ?? entry.path, entry.name)
    const source = made.replace(dist, join(folder, 'src')).replace(/(\.d\.ts|\.js)$/, '.ts')
    if (!existsSync(source)) rmSync(made)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build()
