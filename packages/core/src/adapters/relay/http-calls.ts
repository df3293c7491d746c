import { SottoError, errorCodes, limits, type ErrorCode } from '@sotto/protocol'

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT'
  /** Under the relay's address, without a leading slash; every part encoded. */
  readonly path: string
  readonly body?: unknown
  /** A bearer token. */
  readonly token?: string
  readonly signal?: AbortSignal
}

/** Answers hold whole chains of lists. */
const mostBytes = 16 * limits.httpBody
const timeoutMs = 20_000

/** Calls the relay over HTTP. What comes back is JSON of a bounded size, or an error with a code; nothing else is let through. */
export class HttpCalls {
  readonly #base: URL
  readonly #fetch: typeof globalThis.fetch

  constructor(base: URL, fetch: typeof globalThis.fetch) {
    this.#base = base
    this.#fetch = fetch
  }

  /** The answer's JSON object. Rejects with the relay's code, or `offline`, `backend-failed`, `aborted`. */
  async call({ method, path, body, token, signal }: Call): Promise<Readonly<Record<string, unknown>>> {
    const timeout = AbortSignal.timeout(timeoutMs)
    let response: Response
    let text: string
    try {
      response = await this.#fetch(new URL(path, `${this.#base.href.replace(/\/$/, '')}/`), {
        method,
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
        credentials: 'omit',
        cache: 'no-store',
        redirect: 'error',
        referrerPolicy: 'no-referrer',
      })
      text = await boundedText(response)
    } catch (cause) {
      if (SottoError.is(cause)) throw cause
      throw new SottoError(signal?.aborted === true ? 'aborted' : 'offline', undefined, { cause })
    }
    const answer = objectOf(text)
    if (response.ok && answer !== undefined) return answer
    throw errorOf(response.status, answer)
  }
}

async function boundedText(response: Response): Promise<string> {
  const reader = response.body?.getReader()
  if (reader === undefined) return ''
  const decoder = new TextDecoder('utf-8', { fatal: false })
  let text = ''
  let size = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    size += value.length
    if (size > mostBytes) {
      await reader.cancel()
      throw new SottoError('too-large', { limit: mostBytes })
    }
    text += decoder.decode(value, { stream: true })
  }
}

function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

/** The error that an answer means. A code we do not know is not made one of ours. */
function errorOf(status: number, answer: Readonly<Record<string, unknown>> | undefined): SottoError {
  const code = answer?.code
  if (typeof code !== 'string') return new SottoError('backend-failed', { status })
  return codedError(code, detailsOf(answer?.details))
}

/** An error of the relay's by its code. Its details are numbers of ours or nothing. */
export function codedError(code: string, details: Readonly<Record<string, unknown>> = {}): SottoError {
  const number = (name: string, fallback: number) => {
    const value = details[name]
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : fallback
  }
  if (code === 'rate-limited')
    return new SottoError(code, { retryAfterMs: Math.min(number('retryAfterMs', 1000), 3_600_000) })
  if (code === 'rolled-back')
    return new SottoError(code, { epoch: number('epoch', 0), sends: number('sends', 0) })
  if (code === 'too-large') return new SottoError(code, { limit: number('limit', 0) })
  if (plain.has(code)) return new SottoError(code as PlainCode)
  if (code === 'malformed') return new SottoError(code, { what: 'request' })
  if (code === 'device-list-rejected') return new SottoError(code, { reason: 'by the backend' })
  return Object.hasOwn(errorCodes, code)
    ? new SottoError('backend-failed', {})
    : new SottoError('unknown-code', { code: code.slice(0, 64) })
}

const plainCodes = [
  'unauthorized',
  'forbidden',
  'token-expired',
  'not-found',
  'not-here',
  'unknown-account',
  'unknown-device',
  'device-removed',
  'lists-outdated',
  'no-prekey',
  'bad-signature',
  'bad-prekey',
  'quota-exceeded',
  'mailbox-full',
  'replaced',
  'wrong-account',
] as const satisfies readonly ErrorCode[]
type PlainCode = (typeof plainCodes)[number]
const plain: ReadonlySet<string> = new Set(plainCodes)

function detailsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
