import { SottoError } from '@sotto/protocol'

/** What IndexedDB says, in our words. */
export function storeError(cause: unknown): SottoError {
  if (SottoError.is(cause)) return cause
  const name = cause instanceof DOMException ? cause.name : ''
  if (name === 'QuotaExceededError') return new SottoError('store-full', undefined, { cause })
  if (name === 'VersionError') return new SottoError('unsupported-version', { what: 'store' }, { cause })
  // The platform cannot keep a key of that kind.
  if (name === 'DataCloneError') return new SottoError('no-crypto', undefined, { cause })
  return new SottoError('store-failed', undefined, { cause })
}
