import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './run.mjs'

const limitMs = 600_000
const flags = ['--import', 'tsx', '--conditions=@sotto/source', '--test-reporter=./tools/node-reporter.mjs']

/**
 * Runs test files in Node, each in a process of its own and as many at once as there are cores. `tell` gets the report of each file; resolves to
 * the counts of all. A file that ends badly, takes ten minutes or holds no test counts as a failure.
 */
export async function runNodeTests(files, tell) {
  const total = { passed: 0, failed: 0, skipped: 0 }
  const waiting = [...files]
  async function work() {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const { counts, report } = await runFile(file)
      for (const key of Object.keys(total)) total[key] += counts[key]
      tell(report)
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
  return total
}

async function runFile(file) {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-test-'))
  const countsFile = join(folder, 'counts.json')
  const start = performance.now()
  const { said, ending } = await spawnFile(file, countsFile)
  const counts = readCounts(countsFile)
  rmSync(folder, { recursive: true, force: true })
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  const wrong = whatWentWrong(counts, ending)
  if (wrong !== undefined) counts.failed += 1
  const { passed, failed, skipped } = counts
  const sum = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''} (${seconds} s)`
  const end = `${failed > 0 ? 'not ok' : 'ok'} ${file}: ${sum}`
  return { counts, report: `${said}${wrong === undefined ? '' : `FAILED: ${wrong}\n`}${end}` }
}

function whatWentWrong({ passed, failed, skipped }, ending) {
  if (ending !== 'exit 0' && failed === 0) return `the file ended with ${ending}`
  if (passed + failed + skipped === 0) return 'the file holds no test'
  return undefined
}

function readCounts(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return { passed: 0, failed: 0, skipped: 0 }
  }
}

/** Its own process group, so that what it started (a relay, a browser) goes with it. */
function spawnFile(file, countsFile) {
  const env = { ...process.env, SOTTO_COUNTS: countsFile }
  const child = spawn(process.execPath, [...flags, file], {
    cwd: root,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const end = () => {
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // It is gone already.
    }
  }
  let late = false
  const timer = setTimeout(() => {
    late = true
    end()
  }, limitMs)
  process.once('exit', end)
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (said += text))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      clearTimeout(timer)
      process.off('exit', end)
      // What it left running would keep its output open for ever.
      end()
      const ending = late
        ? `no end within ${limitMs / 1000} s`
        : code === null
          ? `signal ${signal}`
          : `exit ${code}`
      child.once('close', () => resolve({ said, ending }))
    })
  })
}
