import { SignJWT } from 'jose'

/** What a site's server does: signs who its user is. */
export class TokenSite {
  readonly realm: string
  readonly secret = 'a secret of at least thirty-two characters'

  constructor(realm = 'example.com') {
    this.realm = realm
  }

  token(
    account: string,
    claims: { readonly audience?: string; readonly expiresInS?: number; readonly secret?: string } = {},
  ): Promise<string> {
    const now = Math.floor(Date.now() / 1000)
    return new SignJWT()
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(account)
      .setAudience(claims.audience ?? this.realm)
      .setIssuedAt(now)
      .setExpirationTime(now + (claims.expiresInS ?? 300))
      .sign(new TextEncoder().encode(claims.secret ?? this.secret))
  }
}
