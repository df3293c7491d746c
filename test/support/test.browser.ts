import { assert } from 'chai'
import { runBody, type TestBody } from './test-body.js'

/** Declares a test for mocha in a browser. Node's side is test.ts; `#test` picks one of the two. */
export function test(name: string, run: TestBody): void {
  it(name, async function () {
    if ((await runBody(run)) !== undefined) this.skip()
  })
}

export { assert }
export type { TestBody, TestContext } from './test-body.js'
