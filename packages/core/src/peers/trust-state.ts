/**
 * What we know of who an account is. `unknown`: nothing was fetched yet. `changed`: another account id than the pinned one; nothing is sent
 * until the person decides. `accountId` is the other one, by which `acceptChange` knows what was decided about. `verifiedAt` is in milliseconds since 1970.
 */
export type Trust =
  | { readonly name: 'unknown' }
  | { readonly name: 'unverified' }
  | { readonly name: 'verified'; readonly verifiedAt: number }
  | {
      readonly name: 'changed'
      readonly accountId: string
      readonly verifiedAt?: number
      readonly waiting: number
    }
