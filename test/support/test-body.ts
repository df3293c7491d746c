/** What a test may ask of its runner, in Node and in a browser alike. */
export interface TestContext {
  /** Runs `clean` when the test has ended, however it ended; the last one given runs first. */
  after(clean: () => unknown): void
  /** Says that the test cannot run here. Counted as skipped, and under CI=true as a failure. */
  skip(reason: string): void
}

export type TestBody = (context: TestContext) => unknown

/** Runs a test and what it wants cleaned up; tells why it was skipped, if it was. */
export async function runBody(run: TestBody): Promise<string | undefined> {
  const cleaning: (() => unknown)[] = []
  let skipped: string | undefined
  try {
    await run({
      after: (clean) => void cleaning.unshift(clean),
      skip: (reason) => void (skipped = reason),
    })
  } finally {
    for (const clean of cleaning) await clean()
  }
  return skipped
}
