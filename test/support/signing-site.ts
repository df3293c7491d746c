import { SignJWT } from 'jose'

export interface TokenClaims {
  readonly audience?: string
  readonly expiresInS?: number
  readonly secret?: string
  /** Milliseconds since 1970 when the site signs. */
  readonly now?: number
  /** What the site lets its user do; anything else, to see it refused. */
  readonly features?: unknown
}

/** What a site's server does: signs who its user is. */
export class Site {
  readonly realm: string
  readonly secret = 'a secret of at least thirty-two characters'

  constructor(realm = 'example.com') {
    this.realm = realm
  }

  token(account: string, claims: TokenClaims = {}): Promise<string> {
    const now = Math.floor((claims.now ?? Date.now()) / 1000)
    return new SignJWT('features' in claims ? { features: claims.features } : {})
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(account)
      .setAudience(claims.audience ?? this.realm)
      .setIssuedAt(now)
      .setExpirationTime(now + (claims.expiresInS ?? 300))
      .sign(new TextEncoder().encode(claims.secret ?? this.secret))
  }
}
