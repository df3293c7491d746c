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
  if (is !== should)
    throw new Error(`expected ${what} to be ${shortened(should)}, but it is ${shortened(is)}`)
}

export async function expectRejection(
  promise: Promise<unknown>,
  code: ErrorCode,
  what: string,
): Promise<void> {
  let error: unknown
  try {
    await promise
  } catch (thrown) {
    error = thrown
  }
  if (SottoError.is(error, code)) return
  throw new Error(
    `expected ${what} to reject with ${code}, but got ${error instanceof Error ? error.message : 'no error'}`,
    { cause: error },
  )
}

function plain(value: unknown): string {
  const replacer = function (this: unknown, name: string, item: unknown): unknown {
    // The holder's own value: a Node `Buffer` has been turned into something else by its `toJSON` already.
    const raw = (this as Record<string, unknown>)[name]
    return raw instanceof Uint8Array ? { bytes: [...raw] } : item
  }
  return JSON.stringify(value, replacer) ?? 'undefined'
}

const shortened = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text)
