import { check, equalBytes } from '@sotto/protocol'
import type { OwnIdentity, VerifiedIdentity } from '@sotto/core/ports'

/** A session has two ends: nobody talks to their own key. Throws `identity-mismatch`. */
export function checkIdentities(ours: OwnIdentity, theirs: VerifiedIdentity): void {
  check(!equalBytes(ours.identity.publicKey, theirs.identityKey), 'identity-mismatch')
}
