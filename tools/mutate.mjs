// `npm run mutate`: takes the checks of the cipher and of the receiver out, one at a time, and runs their tests, one of which must then fail.
// `npm run mutate -- PATTERN` takes out those of the files whose path contains PATTERN. Works on a copy. `--at-once=N` works on N copies;
// `--write` notes in killers.json which test noticed what: that one is asked first from then on, and believed at once.
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { checksIn } from './mutants.mjs'
import { MutationCopy } from './mutation-copy.mjs'
import { subjects } from './mutation-subjects.mjs'
import { root } from './run.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'at-once': { type: 'string' }, write: { type: 'boolean' } },
})
const [pattern = ''] = positionals
const notes = join(root, 'tools/killers.json')
/** By source and check, the test that noticed. */
const killers = JSON.parse(readFileSync(notes, 'utf8'))

const work = subjects.flatMap(({ sources, tests }) =>
  sources
    .filter((source) => source.includes(pattern))
    .flatMap((source) =>
      checksIn(readFileSync(join(root, source), 'utf8')).map((check) => ({ source, tests, ...check })),
    ),
)
const total = work.length
const copies = Array.from({ length: Number(values['at-once'] ?? cpus().length) }, () => new MutationCopy())
const unchanged = new MutationCopy()
/** As `killers`, by this run. */
const found = {}
let alive = 0

/** A test that fails once may have failed for another reason: it counts if it fails again, and does not without the change. */
async function notices(copy, test, isNoted) {
  if (!(await copy.fails(test))) return false
  if (isNoted) return true
  return !(await unchanged.fails(test)) && (await copy.fails(test))
}

async function killerOf(copy, { source, tests, text, without }) {
  const noted = killers[source]?.[text]
  copy.write(source, without)
  try {
    for (const test of new Set([...(noted === undefined ? [] : [noted]), ...tests])) {
      if (await notices(copy, test, test === noted && values.write !== true)) return test
    }
    return undefined
  } finally {
    copy.restore(source)
  }
}

async function knockOut(copy) {
  for (let next = work.shift(); next !== undefined; next = work.shift()) {
    const { source, line, text } = next
    const by = await killerOf(copy, next)
    if (by === undefined) alive++
    else found[source] = { ...found[source], [text]: by }
    const said =
      by === undefined ? `ALIVE  ${source}:${line} ${text}` : `killed ${source}:${line} ${text} (${by})`
    process.stdout.write(`${said}\n`)
  }
}

try {
  await Promise.all(copies.map(knockOut))
} finally {
  for (const copy of [...copies, unchanged]) copy.remove()
}
if (values.write === true) {
  const noted = pattern === '' ? found : { ...killers, ...found }
  writeFileSync(notes, `${JSON.stringify(noted, undefined, 2)}\n`)
}
process.stdout.write(`${total - alive} of ${total} noticed\n`)
if (alive > 0 || total === 0) process.exitCode = 1
