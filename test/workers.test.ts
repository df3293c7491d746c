import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rollup, type OutputChunk, type Plugin, type RollupOptions } from 'rollup'
import esbuild from 'rollup-plugin-esbuild'
import { assert, test, type TestContext } from '#test'
import { bundledWorkers, packagedWorkers } from '../tools/rollup/workers.mjs'

const sources = {
  'counter.ts':
    "export const start = () => new Worker(new URL('./counter-worker.js', import.meta.url), { type: 'module' })\n",
  'counter-worker.ts': "import { step } from './step.js'\npostMessage(step as number)\n",
  'step.ts': 'export const step: number = 41 + 1\n',
}

/** A package of one worker, in a folder of its own. */
function packageFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-workers-'))
  context.after(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'demo/src/sub'), { recursive: true })
  for (const [name, text] of Object.entries(sources)) writeFileSync(join(folder, 'demo/src/sub', name), text)
  return folder
}

const plugins = (): Plugin[] => [esbuild({ target: 'es2022', tsconfig: false })]

/** A worker's file is copied by bundlers as it is, and asked for by its own address: it may import nothing. */
const importsNothing = (code: string) => !/\b(import|export)\b/.test(code)

test('in the bundle a worker is one file beside it, named by its content', async (context) => {
  const input = join(packageFolder(context), 'demo/src/sub/counter.ts')
  const build = await rollup({ input, plugins: [...plugins(), bundledWorkers(plugins())] })
  const { output } = await build.generate({ format: 'es', assetFileNames: 'sotto-[name]-[hash][extname]' })
  const worker = output.find(({ fileName }) => /^sotto-counter-worker-[\w-]{8}\.js$/.test(fileName))
  if (worker?.type !== 'asset') throw new Error('there is no such file')
  assert.isTrue(importsNothing(String(worker.source)))
  assert.include(String(worker.source), '41 + 1')
  const [main] = output as [OutputChunk, ...unknown[]]
  assert.include(main.code, `new URL('${worker.fileName}', import.meta.url)`)
  assert.notInclude(main.code, 'counter-worker.js')
})

test('in a package a worker is one file over what tsc made of it, too large to be put into an address', async (context) => {
  const folder = packageFolder(context)
  const [options, ...more] = packagedWorkers(folder, { plugins: plugins() }) as [RollupOptions, ...unknown[]]
  assert.isEmpty(more)
  const build = await rollup(options)
  if (options.output === undefined || Array.isArray(options.output))
    throw new Error('one output was expected')
  await build.write(options.output)
  assert.deepEqual(readdirSync(join(folder, 'demo/dist/sub')), ['counter-worker.js'])
  const code = readFileSync(join(folder, 'demo/dist/sub/counter-worker.js'), 'utf8')
  assert.isTrue(importsNothing(code))
  assert.include(code, '41 + 1')
  assert.isAbove(code.length, 4096)
})
