import { writeFileSync } from 'node:fs'
import { inspect } from 'node:util'

/** A reporter for node:test in the process of one file: what failed in full, and the counts for tools/node-tests.mjs. */
export default async function* report(events) {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  for await (const { type, data } of events) {
    if (type === 'test:pass') yield* pass(counts, data)
    else if (type === 'test:fail') yield* fail(counts, data.name, text(data.details.error))
    else if (type === 'test:diagnostic' && lateError.test(data.message))
      yield* fail(counts, 'after a test', data.message)
  }
  writeFileSync(process.env.SOTTO_COUNTS, JSON.stringify(counts))
}

// What a test left running threw when it was over: Node passes it all the same.
const lateError = /asynchronous activity after the test ended/

function* pass(counts, { name, skip, todo, details }) {
  if (details.type === 'suite') return
  const reason = skip ?? todo
  if (reason === undefined) counts.passed += 1
  else {
    counts.skipped += 1
    yield `skipped: ${name} (${reason})\n`
  }
}

function* fail(counts, name, reason) {
  counts.failed += 1
  yield `FAILED: ${name}\n${reason.replace(/^/gm, '  ')}\n`
}

function text(error) {
  const cause = error.cause ?? error
  return typeof cause === 'string' ? cause : inspect(cause, { depth: 4 })
}
