// `npm run mutate`: takes the checks of the cipher and of the receiver out, one at a time, and runs their tests, which must then fail.
// `npm run mutate -- PATTERN` takes out those of the files whose path contains PATTERN. Works on a copy.
import { spawn } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { checksIn } from './mutants.mjs'
import { root } from './run.mjs'

/** What is mutated, and the tests that are to notice, the fastest first. */
const subjects = [
  {
    sources: filesIn('packages/signal/src'),
    tests: [
      ...[
        'wire',
        'state',
        'self-check',
        'self-test',
        'curve',
        'signal-cipher',
        'engine-signature.node',
        'bounds',
      ],
      ...['engine-identity.node', 'engine-bounds.node', 'engine-messages.node'],
    ]
      .map((name) => `test/signal/${name}.test.ts`)
      .concat('test/attacks/A11-no-webcrypto.node.test.ts'),
  },
  {
    sources: ['receiver', 'check-content', 'verdict'].map((name) => `packages/core/src/messages/${name}.ts`),
    tests: [
      'test/attacks/A18-content-binding.test.ts',
      'test/attacks/A18-misbinding.test.ts',
      'test/attacks/A04-unlisted-device.test.ts',
      'test/core/engine-core.node.test.ts',
      'test/attacks/A05-call-signals.test.ts',
      'test/attacks/B24-downgrade.test.ts',
      'test/core/delivery.test.ts',
    ],
  },
  {
    sources: ['packages/core/src/sessions/sessions.ts'],
    tests: attacks(
      ...[
        'B05-replay-after-sweep',
        'B15-first-as-later',
        'A18-misbinding',
        'B15-malleable-encodings',
        'B24-downgrade',
        'A03-id-for-key',
      ],
      ...['B05-first-message-flood', 'B03-both-start', 'B01-B02-identity-poisoning', 'A09-flipped-bits'],
    ).concat('test/core/engine-core.node.test.ts'),
  },
  {
    sources: filesIn('packages/core/src/peers'),
    tests: attacks(
      ...['A04-unlisted-device', 'A02-ghost-device', 'A02-ghost-device-at-a-client', 'A08-rollback'],
      ...['A08-rollback-at-a-client', 'A01-key-substitution', 'A03-id-for-key'],
    ).concat('test/core/trust.test.ts'),
  },
]

function attacks(...names) {
  return names.map((name) => `test/attacks/${name}.test.ts`)
}

function filesIn(folder) {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`)
}

/** A copy of the sources and tests that shares what is installed. */
function copy() {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-mutate-'))
  const isSource = (path) => !/\/(node_modules|dist)$/.test(path)
  for (const name of ['packages', 'test'])
    cpSync(join(root, name), join(folder, name), { recursive: true, filter: isSource })
  for (const name of ['package.json', 'tsconfig.json', 'tsconfig.base.json'])
    cpSync(join(root, name), join(folder, name))
  const modules = join(folder, 'node_modules')
  mkdirSync(modules)
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== '@sotto') symlinkSync(join(root, 'node_modules', name), join(modules, name))
  }
  cpSync(join(root, 'node_modules/@sotto'), join(modules, '@sotto'), {
    recursive: true,
    verbatimSymlinks: true,
  })
  return folder
}

/** Resolves to whether a test file fails in `folder`. */
function fails(folder, test) {
  const args = ['--import', 'tsx', '--conditions=@sotto/source', '--test', '--test-timeout=120000', test]
  const child = spawn(process.execPath, args, { cwd: folder, stdio: 'ignore' })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code !== 0))
  })
}

async function killer(folder, tests) {
  for (const test of tests) if (await fails(folder, test)) return test
  return undefined
}

const pattern = process.argv[2] ?? ''
const work = subjects.flatMap(({ sources, tests }) =>
  sources
    .filter((source) => source.includes(pattern))
    .flatMap((source) =>
      checksIn(readFileSync(join(root, source), 'utf8')).map((check) => ({ source, tests, ...check })),
    ),
)
const total = work.length
const folders = cpus().map(copy)
let alive = 0
try {
  for (const { tests } of subjects) {
    const red = await killer(folders[0], tests)
    if (red !== undefined) throw new Error(`${red} fails without a change`)
  }
  await Promise.all(
    folders.map(async (folder) => {
      for (let next = work.shift(); next !== undefined; next = work.shift()) {
        const { source, tests, line, text, without } = next
        writeFileSync(join(folder, source), without)
        const by = await killer(folder, tests)
        cpSync(join(root, source), join(folder, source))
        if (by === undefined) alive++
        process.stdout.write(
          `${by === undefined ? 'ALIVE ' : 'killed'} ${source}:${line} ${text}${by === undefined ? '' : ` (${by})`}\n`,
        )
      }
    }),
  )
} finally {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
}
process.stdout.write(`${total - alive} of ${total} noticed\n`)
if (alive > 0) process.exitCode = 1
