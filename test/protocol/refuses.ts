import { assert } from '#test'
import { SottoError, type ErrorCode } from '@sotto/protocol'

/** Asserts that `run` throws a `SottoError` of that code, and of that place where one is named. Nothing else may come out. */
export function refuses(run: () => unknown, code: ErrorCode, place?: string): void {
  let error: unknown
  try {
    run()
  } catch (thrown) {
    error = thrown
  }
  checkError(error, code, place)
}

/** The same of a promise. */
export async function rejects(promise: Promise<unknown>, code: ErrorCode, place?: string): Promise<void> {
  let error: unknown
  await promise.catch((thrown: unknown) => (error = thrown))
  checkError(error, code, place)
}

function checkError(error: unknown, code: ErrorCode, place: string | undefined): void {
  if (error === undefined) throw new Error(`expected ${code}, and nothing was refused`)
  if (!SottoError.is(error)) throw new Error(`expected ${code}, and something else came`, { cause: error })
  assert.equal(error.code, code)
  if (place !== undefined) {
    const { what, reason } = error.details as { what?: string; reason?: string }
    assert.equal(what ?? reason, place)
  }
}
