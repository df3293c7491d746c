import { SottoError, type ErrorCode } from '@sotto/protocol'
import { assert } from '#test'

/** That `promise` rejects with a Sotto error of that code; resolves with the error. */
export async function rejects(promise: Promise<unknown>, code: ErrorCode): Promise<SottoError> {
  try {
    await promise
  } catch (error) {
    assert.isTrue(SottoError.is(error, code), `${code} expected, not ${String(error)}`)
    return error as SottoError
  }
  throw new Error(`${code} expected, but nothing was thrown`)
}
