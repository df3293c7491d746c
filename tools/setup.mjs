// Makes a fresh clone ready to build, start and test. Only Node's own modules here: there may be no node_modules yet.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildLibrary } from './build.mjs'
import { root, run } from './run.mjs'

/** Installs what the lock file names where something of it is missing, and makes the checked library where it is missing or old. */
export async function setup() {
  await installIn('.')
  if (!isLibraryMade()) await buildLibrary()
}

/** Installs what the lock file of a folder names, where something of it is missing. */
export async function installIn(folder) {
  if (!isInstalled(folder)) await install(folder)
}

/** Compares what npm says it installed with the lock: times say little, a checkout or a copy changes them. */
function isInstalled(folder) {
  const wanted = packagesIn(join(folder, 'package-lock.json'))
  const installed = packagesIn(join(folder, 'node_modules/.package-lock.json'))
  return Object.entries(wanted).every(
    ([path, { version, optional }]) =>
      !path.startsWith('node_modules/') ||
      installed[path]?.version === version ||
      (optional && installed[path] === undefined),
  )
}

function packagesIn(lock) {
  const path = join(root, lock)
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : {}
}

async function install(folder) {
  // Under `npm test` npm says where it is; under a plain `node tools/test.mjs` it is on the path.
  const npm = process.env.npm_execpath
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund']
  const at = { cwd: join(root, folder) }
  const code = await (npm === undefined ? run('npm', args, at) : run(process.execPath, [npm, ...args], at))
  if (code !== 0) throw new Error(`npm ci ended with ${code}`)
}

function isLibraryMade() {
  const folder = join(root, 'packages/signal/library')
  const made = join(folder, 'library.js')
  if (!existsSync(made)) return false
  const { mtimeMs } = statSync(made)
  const files = readdirSync(folder, { recursive: true }).filter((path) => /\.c?m?js$/.test(path))
  const sources = [...files.map((path) => join(folder, path)), join(root, 'node_modules/.package-lock.json')]
  return sources.every((source) => statSync(source).mtimeMs <= mtimeMs)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await setup()
