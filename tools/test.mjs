// `npm test`: installs what is missing, runs every test where it belongs, adds up. `npm test -- PATTERN …` runs the files whose path contains one.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findBrowser } from './browsers.mjs'
import { build } from './build.mjs'
import { failuresIn } from './failures.mjs'
import { runNodeTests } from './node-tests.mjs'
import { installPrograms } from './programs.mjs'
import { run } from './run.mjs'
import { setup } from './setup.mjs'
import { needsBuild, needsTurnServer, runnersOf, testFiles } from './test-files.mjs'

const strict = process.env.CI === 'true'
const total = { passed: 0, failed: 0, skipped: 0 }
/** What failed and the beginning of why, to be said again where everybody looks: at the end. */
const failures = []
const folder = mkdtempSync(join(tmpdir(), 'sotto-test-'))

const files = testFiles(process.argv.slice(2))
const inNode = files.filter((file) => runnersOf(file).includes('node'))
const browsers = ['chromium', 'firefox'].filter((name) =>
  files.some((file) => runnersOf(file).includes(name)),
)

try {
  if (files.length === 0) fail('no test file has such a name')
  else await runAll()
} catch (error) {
  fail(String(error.stack ?? error))
} finally {
  rmSync(folder, { recursive: true, force: true })
}

if (strict && total.skipped > 0) {
  say(`under CI=true nothing may be skipped: ${total.skipped} count as failed`)
  total.failed += total.skipped
  total.skipped = 0
}
if (failures.length > 0) say(`what failed:\n${failures.join('\n')}`)
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1
say(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`)

async function runAll() {
  const usesTurn = files.some(needsTurnServer)
  const wanted = files.some(needsBuild) || usesTurn ? ['chromium', 'firefox'] : browsers
  const installing = installPrograms(usesTurn ? [...wanted, 'turnserver'] : wanted)
  await setup()
  const unbuilt = inNode.filter((file) => !needsBuild(file))
  add(
    await runNodeTests(
      unbuilt.filter((file) => !needsTurnServer(file)),
      tell,
    ),
  )
  const said = await installing
  add(await runNodeTests(unbuilt.filter(needsTurnServer), tell))
  await runBrowserTests(said)
  const last = inNode.filter(needsBuild)
  if (last.length === 0) return
  await build()
  add(await runNodeTests(last, tell))
}

async function runBrowserTests(said) {
  const present = browsers.filter((name) => findBrowser(name) !== undefined)
  for (const name of browsers) {
    if (present.includes(name)) continue
    const missed = files.filter((file) => runnersOf(file).includes(name)).length
    say(`${name} is not here and could not be installed: its ${missed} test files are skipped\n${said}`)
    total.skipped += missed
  }
  if (present.length === 0) return
  const file = join(folder, 'browsers.json')
  const env = {
    ...process.env,
    SOTTO_COUNTS: file,
    SOTTO_TESTS: JSON.stringify(files),
    SOTTO_BROWSERS: present.join(),
  }
  const code = await run(process.execPath, ['node_modules/@web/test-runner/dist/bin.js'], { env })
  if (!existsSync(file)) return fail(`the browser runner ended with ${code} before it could count`)
  const counts = JSON.parse(readFileSync(file, 'utf8'))
  add(counts)
  failures.push(...counts.failures)
  if (code !== 0 && counts.failed === 0) fail(`the browser runner ended with ${code} without a failed test`)
}

function add(counts) {
  for (const key of Object.keys(total)) total[key] += counts[key]
}

function fail(reason) {
  total.failed += 1
  tell(`FAILED: ${reason}`)
}

/** Says a report, and keeps the failures in it. */
function tell(report) {
  failures.push(...failuresIn(report))
  say(report)
}

function say(text) {
  process.stdout.write(`${text}\n`)
}
