/** What an error means for who gets it: try the same again later, stop trying, or get a newer version. */
export type ErrorClass = 'retry' | 'give-up' | 'update'

/** What each error code carries. The codes are public API: see docs/errors.md, which has a heading for each. */
export interface ErrorDetails {
  // Wrong calls and settings
  'wrong-argument': { readonly name: string }
  'wrong-setting': { readonly name: string }
  'no-store': undefined
  'no-connect': undefined
  'no-crypto': undefined
  'no-realm': undefined
  'wrong-account': undefined
  closed: undefined
  aborted: undefined
  // Bytes that are not what they should be
  malformed: { readonly what: string }
  'too-large': { readonly limit: number }
  'unsupported-version': { readonly what: string }
  'bad-signature': undefined
  // Accounts, devices, keys
  'unknown-account': undefined
  'unknown-device': undefined
  'device-list-rejected': { readonly reason: string }
  'device-list-fork': undefined
  'identity-mismatch': undefined
  'device-removed': undefined
  'not-set-up-here': undefined
  'bad-prekey': undefined
  'unknown-prekey': undefined
  'no-prekey': undefined
  'number-changed': undefined
  // Sessions and messages
  undecryptable: undefined
  'too-far-ahead': undefined
  'session-refused': { readonly reason: string }
  'wrong-recipient': undefined
  'wrong-sender': undefined
  'wrong-conversation': undefined
  'type-not-allowed': undefined
  blocked: undefined
  'self-check-failed': undefined
  // Calls
  'call-refused': { readonly reason: string }
  'call-over': undefined
  'call-direct': undefined
  'no-microphone': undefined
  'no-camera': undefined
  'media-denied': undefined
  'media-in-use': undefined
  // Store
  conflict: undefined
  'store-damaged': { readonly what: string }
  'store-failed': undefined
  'store-full': undefined
  'store-locked': undefined
  'lost-lead': undefined
  'rolled-back': { readonly epoch: number; readonly sends: number }
  'copied-device': undefined
  // Backend
  offline: undefined
  'wrong-clock': { readonly aheadMs: number }
  unauthorized: undefined
  forbidden: undefined
  'token-expired': undefined
  'not-found': undefined
  'not-here': undefined
  'rate-limited': { readonly retryAfterMs: number }
  'quota-exceeded': undefined
  'mailbox-full': undefined
  'lists-outdated': undefined
  'batch-refused': { readonly reason: string }
  'backend-failed': { readonly status?: number }
  replaced: undefined
  'unknown-code': { readonly code: string }
}

export type ErrorCode = keyof ErrorDetails

/** Codes not named here say `give-up`. */
const classes: ReadonlyMap<string, ErrorClass> = new Map<ErrorCode, ErrorClass>([
  ['unsupported-version', 'update'],
  ['conflict', 'retry'],
  ['store-failed', 'retry'],
  ['store-locked', 'retry'],
  ['lost-lead', 'retry'],
  ['offline', 'retry'],
  ['token-expired', 'retry'],
  ['rate-limited', 'retry'],
  ['mailbox-full', 'retry'],
  ['lists-outdated', 'retry'],
  ['no-prekey', 'retry'],
  ['backend-failed', 'retry'],
  ['media-in-use', 'retry'],
])

type Rest<C extends ErrorCode> = ErrorDetails[C] extends undefined
  ? [details?: undefined, options?: ErrorOptions]
  : [details: ErrorDetails[C], options?: ErrorOptions]

/** The one error class of Sotto. Its text is for developers and holds no user data; `code` and `details` are for programs. */
export class SottoError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'SottoError'
  readonly code: C
  readonly details: ErrorDetails[C]

  constructor(code: C, ...[details, options]: Rest<C>) {
    super(`${code}: see docs/errors.md#${code}`, options)
    this.code = code
    this.details = details as ErrorDetails[C]
  }

  /** Whether the same thing may be tried again, is final, or needs a newer version. */
  get class(): ErrorClass {
    return classes.get(this.code) ?? 'give-up'
  }

  /** Whether `error` is a Sotto error, and has `code` where one is given. Works across copies of this module on one page. */
  static is<K extends ErrorCode>(error: unknown, code?: K): error is SottoError<K> {
    if (!(error instanceof Error) || error.name !== 'SottoError') return false
    return code === undefined || (error as SottoError).code === code
  }
}

/** Every security check is one such statement, so that a test can knock it out and see that something turns red. */
export function check<C extends ErrorCode>(condition: unknown, code: C, ...rest: Rest<C>): asserts condition {
  if (!condition) throw new SottoError(code, ...rest)
}

/** All codes, for tables and gates. Kept complete by the type: a missing one does not compile. */
export const errorCodes = Object.freeze({
  'wrong-argument': 1,
  'wrong-setting': 1,
  'no-store': 1,
  'no-connect': 1,
  'no-crypto': 1,
  'no-realm': 1,
  'wrong-account': 1,
  closed: 1,
  aborted: 1,
  malformed: 1,
  'too-large': 1,
  'unsupported-version': 1,
  'bad-signature': 1,
  'unknown-account': 1,
  'unknown-device': 1,
  'device-list-rejected': 1,
  'device-list-fork': 1,
  'identity-mismatch': 1,
  'device-removed': 1,
  'not-set-up-here': 1,
  'bad-prekey': 1,
  'unknown-prekey': 1,
  'no-prekey': 1,
  'number-changed': 1,
  undecryptable: 1,
  'too-far-ahead': 1,
  'session-refused': 1,
  'wrong-recipient': 1,
  'wrong-sender': 1,
  'wrong-conversation': 1,
  'type-not-allowed': 1,
  blocked: 1,
  'self-check-failed': 1,
  'call-refused': 1,
  'call-over': 1,
  'call-direct': 1,
  'no-microphone': 1,
  'no-camera': 1,
  'media-denied': 1,
  'media-in-use': 1,
  conflict: 1,
  'store-damaged': 1,
  'store-failed': 1,
  'store-full': 1,
  'store-locked': 1,
  'lost-lead': 1,
  'rolled-back': 1,
  'copied-device': 1,
  offline: 1,
  'wrong-clock': 1,
  unauthorized: 1,
  forbidden: 1,
  'token-expired': 1,
  'not-found': 1,
  'not-here': 1,
  'rate-limited': 1,
  'quota-exceeded': 1,
  'mailbox-full': 1,
  'lists-outdated': 1,
  'batch-refused': 1,
  'backend-failed': 1,
  replaced: 1,
  'unknown-code': 1,
} satisfies Record<ErrorCode, 1>)

/** Whether a text that came from elsewhere is one of our codes. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code)
}
