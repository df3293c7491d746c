// `npm run bench`: measures ours beside what it is compared with, in one run, and prints the rows. `npm run bench -- NAME` measures one.
import { readdirSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { build } from './build.mjs'
import { root, run } from './run.mjs'
import { installIn } from './setup.mjs'

const wanted = process.argv.slice(2)
const benches = readdirSync(join(root, 'test/bench'))
  .filter((name) => /^[a-z]+\.ts$/.test(name))
  .map((name) => name.replace(/\.ts$/, ''))
  .filter((name) => wanted.length === 0 || wanted.includes(name))

// What ours is compared with, and nothing else needs.
await installIn('test/bench')
await build()
process.stdout.write(
  `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${cpus().length} cores, ${cpus()[0]?.model ?? ''}\n`,
)
for (const name of benches) {
  process.stdout.write(`\n${name}\n`)
  const code = await run(process.execPath, [
    '--import',
    'tsx',
    '--conditions=@sotto/source',
    `test/bench/${name}.ts`,
  ])
  if (code !== 0) process.exitCode = 1
}
