/**
 * What we know of who an account is. `unknown`: nothing was fetched yet. `changed`: another account id than the pinned one; nothing is sent
 * until the person decides. `verifiedAt` is in milliseconds since 1970.
 */
export type Trust =
  | { readonly name: 'unknown' }
  | { readonly name: 'unverified' }
  | { readonly name: 'verified'; readonly verifiedAt: number }
  | { readonly name: 'changed'; readonly verifiedAt?: number; readonly waiting: number }
