import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { inspect } from 'node:util'
import { failuresIn } from './failures.mjs'
import { root } from './run.mjs'

/** A reporter for the browser runner: what failed in full, one line a file and browser, and the counts for tools/test.mjs. */
export function browserReporter() {
  const failures = []
  return {
    // Not by the logger that is given: it decorates for a terminal what goes into a log.
    reportTestFileResults({ sessionsForTestFile }) {
      const lines = sessionsForTestFile.flatMap((session) => [...linesOf(session)])
      const report = lines.join('\n')
      failures.push(...failuresIn(report))
      process.stdout.write(`${report}\n`)
    },
    onTestRunFinished({ sessions }) {
      const total = { passed: 0, failed: 0, skipped: 0 }
      for (const session of sessions) {
        const counts = countsOf(session)
        for (const key of Object.keys(total)) total[key] += counts[key]
      }
      if (process.env.SOTTO_COUNTS !== undefined)
        writeFileSync(process.env.SOTTO_COUNTS, JSON.stringify({ ...total, failures }))
    },
  }
}

/** A file that did not load, threw outside of a test, holds no test or printed something counts as one that failed. */
function countsOf(session) {
  const tests = testsOf(session.testResults)
  const failed = tests.filter((test) => !test.passed && !test.skipped).length
  const skipped = tests.filter((test) => test.skipped).length
  const broken =
    session.errors.length > 0 ||
    session.logs.length > 0 ||
    tests.length === 0 ||
    (session.passed !== true && failed === 0)
  return { passed: tests.length - failed - skipped, failed: failed + (broken ? 1 : 0), skipped }
}

function* linesOf(session) {
  const { passed, failed, skipped } = countsOf(session)
  const tests = testsOf(session.testResults)
  const file = `${relative(root, session.testFile)} in ${session.browser.name}`
  for (const args of session.logs)
    yield `FAILED: ${file} printed ${args.map((arg) => inspect(arg)).join(' ')}`
  for (const test of tests) {
    if (test.skipped) yield `skipped: ${file}: ${test.name}`
    else if (!test.passed) yield `FAILED: ${file}: ${test.name}\n${indented(test.error)}`
  }
  for (const error of session.errors) yield `FAILED: ${file}\n${indented(error)}`
  if (tests.length === 0 && session.errors.length === 0) yield `FAILED: ${file}\n  the file holds no test`
  for (const url of new Set(session.request404s)) yield `  ${file} asked for ${url}, which is not there`
  yield `${failed > 0 ? 'not ok' : 'ok'} ${file}: ${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

function testsOf(suite) {
  if (suite === undefined) return []
  return [...suite.tests, ...suite.suites.flatMap(testsOf)]
}

function indented(error) {
  if (error === undefined) return '  no reason given'
  const values = error.expected === undefined ? '' : `\nexpected: ${error.expected}\nactual: ${error.actual}`
  const text = error.stack?.includes(error.message) ? error.stack : `${error.message}\n${error.stack ?? ''}`
  return `${text}${values}`.replace(/^/gm, '  ')
}
