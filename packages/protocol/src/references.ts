import { accountId } from './address.js'
import type { Chain } from './stored-chain.js'
import { listHash } from './device-list.js'
import { limits } from './limits.js'
import { list, refine, uint, type Shaped } from './shape.js'
import { field, struct } from './struct.js'

/** Which list of an account a message was written against. A claim, not evidence: it makes the reader fetch, once. */
export const reference = struct({
  accountId: field(1, accountId),
  era: field(2, uint(0xffff_ffff)),
  sequence: field(3, uint(limits.lists, 1)),
  hash: field(4, listHash),
})
export type Reference = Shaped<typeof reference>

/** One for each account, ordered by account id. */
export const references = refine(list(reference, limits.references, 1), 'references', (all) =>
  all.every((one, i) => i === 0 || one.accountId > (all[i - 1]?.accountId ?? '')),
)

export function referenceTo(chain: Chain): Reference {
  return { accountId: chain.accountId, era: chain.list.era, sequence: chain.list.sequence, hash: chain.hash }
}

/** What a reference says beside the chain that we know. `fork`: the same place, another list. */
export type Standing = 'same' | 'older' | 'newer' | 'fork' | 'other-account'

export function compareReference(claim: Reference, chain: Chain): Standing {
  if (claim.accountId !== chain.accountId || claim.era !== chain.list.era) return 'other-account'
  if (claim.sequence > chain.list.sequence) return 'newer'
  if (claim.sequence < chain.list.sequence) return 'older'
  return claim.hash === chain.hash ? 'same' : 'fork'
}
