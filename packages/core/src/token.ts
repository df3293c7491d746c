import { SottoError } from '@sotto/protocol'

/** Asks the site for a token and refuses one that speaks of somebody else, before any backend sees it. Rejects with `wrong-account`, `unauthorized`. */
export async function tokenFor(account: string, ask: () => Promise<string>): Promise<string> {
  let token: unknown
  try {
    token = await ask()
  } catch (cause) {
    throw new SottoError('unauthorized', undefined, { cause })
  }
  if (typeof token !== 'string' || token === '') throw new SottoError('unauthorized')
  if (subjectOf(token) !== account) throw new SottoError('wrong-account')
  return token
}

/** The `sub` of a JWT (RFC 7519, section 4.1.2), unchecked: the backend checks it. */
function subjectOf(token: string): unknown {
  const [, payload] = token.trim().split('.')
  if (payload === undefined) throw new SottoError('unauthorized')
  try {
    const binary = atob(payload.replace(/-/g, '+').replace(/_/g, '/'))
    const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0))
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as { sub?: unknown } | null
    return claims?.sub
  } catch (cause) {
    throw new SottoError('unauthorized', undefined, { cause })
  }
}
