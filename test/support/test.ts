import { test as nodeTest } from 'node:test'
import { assert } from 'chai'
import { runBody, type TestBody } from './test-body.js'

/** Declares a test for Node's runner. The browser's side is test.browser.ts; `#test` picks one of the two. */
export function test(name: string, run: TestBody): void {
  void nodeTest(name, async (context) => {
    const skipped = await runBody(run)
    if (skipped !== undefined) context.skip(skipped)
  })
}

export { assert }
export type { TestBody, TestContext } from './test-body.js'
