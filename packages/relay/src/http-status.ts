import type { ErrorCode, SottoError } from '@sotto/protocol'

/** Codes not named here are 503 where trying again helps, else 400. */
const statuses: Readonly<Partial<Record<ErrorCode, number>>> = Object.freeze({
  unauthorized: 401,
  'token-expired': 401,
  forbidden: 403,
  'device-removed': 403,
  'unknown-device': 403,
  'not-found': 404,
  'no-prekey': 404,
  'lists-outdated': 409,
  'rolled-back': 409,
  'quota-exceeded': 409,
  'too-large': 413,
  'rate-limited': 429,
})

/** The HTTP status of an error. */
export function statusOf({ code, class: kind }: SottoError): number {
  return statuses[code] ?? (kind === 'retry' ? 503 : 400)
}
