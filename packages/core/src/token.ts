import { SottoError, readFeatures } from '@sotto/protocol'

/** A token of the site's, and what it lets its user do: `undefined` is everything. */
export interface SiteToken {
  readonly token: string
  readonly features: ReadonlySet<string> | undefined
}

/** Asks the site for a token and refuses one that speaks of somebody else, before any backend sees it. Rejects with `wrong-account`, `unauthorized`. */
export async function tokenFor(account: string, ask: () => Promise<string>): Promise<SiteToken> {
  let token: unknown
  try {
    token = await ask()
  } catch (cause) {
    throw new SottoError('unauthorized', undefined, { cause })
  }
  if (typeof token !== 'string' || token === '') throw new SottoError('unauthorized')
  const { sub, features } = claimsOf(token)
  if (sub !== account) throw new SottoError('wrong-account')
  return { token, features: readFeatures(features) }
}

/** What a JWT says (RFC 7519, section 4), unchecked: the backend checks it. */
function claimsOf(token: string): { readonly sub?: unknown; readonly features?: unknown } {
  const [, payload] = token.trim().split('.')
  if (payload === undefined) throw new SottoError('unauthorized')
  try {
    const binary = atob(payload.replace(/-/g, '+').replace(/_/g, '/'))
    const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0))
    return (JSON.parse(new TextDecoder().decode(bytes)) as ReturnType<typeof claimsOf> | null) ?? {}
  } catch (cause) {
    throw new SottoError('unauthorized', undefined, { cause })
  }
}
