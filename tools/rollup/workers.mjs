import { readdirSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { rollup } from 'rollup'

// A worker is `x-worker.ts`, started by the file beside it with `new URL('./x-worker.js', import.meta.url)`.
const address = /new URL\(\s*['"](\.\/[\w-]+-worker)\.js['"]\s*,\s*import\.meta\.url\s*\)/g

/** Below this size Vite turns a file into a `data:` address, which no strict policy lets a worker start from. */
const smallest = 4096

/** In the bundle: makes one file of each worker, and points to it. */
export function bundledWorkers(plugins) {
  return {
    name: 'bundled-workers',
    async transform(code, id) {
      const found = [...code.matchAll(address)]
      if (found.length === 0) return null
      let changed = code
      for (const [text, path] of found) {
        const input = resolve(dirname(id), `${path}.ts`)
        this.addWatchFile(input)
        const source = await oneFile(input, plugins)
        const reference = this.emitFile({ type: 'asset', name: `${basename(path)}.js`, source })
        changed = changed.replace(text, `new URL(import.meta.ROLLUP_FILE_URL_${reference})`)
      }
      return { code: changed, map: null }
    },
  }
}

/** In the packages: writes each worker over what tsc made of it. Bundlers copy a worker's file as it is, so it may import nothing. */
export function packagedWorkers(folder, options) {
  const workers = readdirSync(folder, { recursive: true })
    .filter((path) => /^[^/]+\/src\/.*-worker\.ts$/.test(path))
    .sort()
  return workers.map((path) => ({
    ...options,
    input: join(folder, path),
    plugins: [...options.plugins, padded()],
    output: {
      file: join(folder, path.replace('/src/', '/dist/').replace(/\.ts$/, '.js')),
      format: 'es',
      inlineDynamicImports: true,
    },
  }))
}

async function oneFile(input, plugins) {
  const build = await rollup({ input, plugins })
  const { output } = await build.generate({ format: 'es', inlineDynamicImports: true })
  await build.close()
  return output[0].code
}

function padded() {
  return {
    name: 'padded',
    generateBundle(_, bundle) {
      for (const chunk of Object.values(bundle)) {
        const missing = smallest - chunk.code.length
        if (missing > 0) chunk.code += `\n// ${'.'.repeat(missing)}\n`
      }
    },
  }
}
