import { check, equalBytes } from '@sotto/protocol'
import type { OwnIdentity, VerifiedIdentity } from '@sotto/core/ports'
import { checkPublicKey } from './public-key.js'

/** A session has two ends: nobody talks to their own key. Throws `malformed`, `identity-mismatch`. */
export function checkIdentities(ours: OwnIdentity, theirs: VerifiedIdentity): void {
  checkPublicKey(theirs.identityKey, 'identity key')
  check(!equalBytes(ours.identity.publicKey, theirs.identityKey), 'identity-mismatch')
}
