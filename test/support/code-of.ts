import { SottoError } from '@sotto/protocol'

/** The code of what a promise rejects with; `nothing` where it does not. */
export async function codeOf(rejecting: Promise<unknown>): Promise<string> {
  try {
    await rejecting
    return 'nothing'
  } catch (error) {
    return SottoError.is(error) ? error.code : String(error)
  }
}
