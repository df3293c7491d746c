import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Puts the licences of all bundled packages into one file beside the bundle, as they ask for. */
export function licences(fileName) {
  return {
    name: 'licences',
    generateBundle(_, bundle) {
      const folders = new Map()
      for (const output of Object.values(bundle)) {
        for (const id of output.moduleIds ?? []) {
          const folder = packageFolder(id)
          if (folder !== undefined) folders.set(folder, textOf(folder))
        }
      }
      const source = [...folders.values()].sort().join('\n')
      this.emitFile({ type: 'asset', fileName, source })
    },
  }
}

function packageFolder(id) {
  if (id.startsWith('\0') || !existsSync(id)) return undefined
  let folder = dirname(id)
  while (!isPackage(folder)) folder = dirname(folder)
  return folder
}

/** Some packages put a package.json without a name into their folders, to say what kind of modules lie there. */
function isPackage(folder) {
  const file = join(folder, 'package.json')
  return existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).name !== undefined
}

function textOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8').trim()
  return `${'='.repeat(72)}\n${name} ${version}: ${license}\n\n${text}\n`
}
