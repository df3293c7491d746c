import { SottoError, type ErrorCode } from '@sotto/protocol'

/** One sentence about what a port promises, and how to find out. It needs no runner: `for (const { name, run } of cases) test(name, run)`. */
export interface Case {
  readonly name: string
  /** Rejects when the promise is broken. */
  run(): Promise<void>
}

export function expect(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(`expected ${what}`)
}

/** Compares what JSON can write, and bytes. */
export function expectEqual(actual: unknown, expected: unknown, what: string): void {
  const [is, should] = [plain(actual), plain(expected)]
  if (is !== should) throw new Error(`expected ${what} to be ${should}, but it is ${is}`)
}

export async function expectRejection(promise: Promise<unknown>, code: ErrorCode, what: string): Promise<void> {
  let error: unknown
  try {
    await promise
  } catch (thrown) {
    error = thrown
  }
  if (SottoError.is(error, code)) return
  throw new Error(`expected ${what} to reject with ${code}, but got ${String(error ?? 'no error')}`, { cause: error })
}

function plain(value: unknown): string {
  return (
    JSON.stringify(value, (_key, item: unknown) => (item instanceof Uint8Array ? { bytes: [...item] } : item)) ?? 'undefined'
  )
}
