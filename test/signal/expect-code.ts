import { SottoError, type ErrorCode } from '@sotto/protocol'

/**
 * Runs `call`, which must reject or throw a Sotto error with `code`. Anything else fails the test, with what
 * came instead.
 */
export async function expectCode(code: ErrorCode, call: () => unknown, hint = ''): Promise<void> {
  let came: unknown = 'no error'
  try {
    await call()
  } catch (error) {
    if (SottoError.is(error, code)) return
    came = error
  }
  throw new Error(`expected ${code}, came ${String(came)} ${hint}`, { cause: came })
}
