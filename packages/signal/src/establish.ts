import { check, equalBytes } from '@sotto/protocol'
import type { OwnIdentity, Session, VerifiedBundle } from '@sotto/core/ports'
import type { Engine } from './engine.js'
import { checkIdentities } from './identities.js'
import { checkPrimeOrder } from './public-key.js'
import { ratchetOf } from './ratchet.js'
import { readRecord } from './record.js'
import { ScratchStore } from './scratch-store.js'
import { encodeState, type SessionState } from './state.js'
import { typedKey } from './typed-key.js'

/**
 * Starts a session with a bundle (X3DH, section 3.3). Its signatures were verified by the caller, for each
 * key by itself; to the library the curve vouches for them. Throws `malformed` for a key or an id,
 * `identity-mismatch` for a bundle of our own.
 */
export async function establish(
  engine: Engine,
  ours: OwnIdentity,
  theirs: VerifiedBundle,
): Promise<{ session: Session; baseKey: Uint8Array }> {
  checkIdentities(ours, theirs)
  checkPrimeOrder(theirs.identityKey, 'identity key')
  checkPrimeOrder(theirs.signedPreKey.key, 'signed prekey')
  checkId(theirs.signedPreKey.id)
  if (theirs.preKey !== undefined) {
    checkPrimeOrder(theirs.preKey.key, 'prekey')
    checkId(theirs.preKey.id)
  }
  const { library, curve } = engine
  const store = new ScratchStore({ identity: await engine.show(ours.identity) })
  const signedPreKey = typedKey(theirs.signedPreKey.key)
  await new library.SessionBuilder(store, engine.scratchAddress()).processPreKey({
    identityKey: typedKey(theirs.identityKey),
    registrationId: 0,
    signedPreKey: {
      keyId: theirs.signedPreKey.id,
      publicKey: signedPreKey,
      signature: curve.endorse(theirs.identityKey, signedPreKey),
    },
    ...(theirs.preKey && { preKey: { keyId: theirs.preKey.id, publicKey: typedKey(theirs.preKey.key) } }),
  })
  const made = readRecord(store.record)
  check(equalBytes(made.remoteRatchetKey, theirs.signedPreKey.key), 'self-check-failed')
  const state: SessionState = {
    role: 'initiator',
    ours: ours.identity.publicKey,
    theirs: theirs.identityKey,
    baseKey: made.baseKey,
    signedPreKeyId: theirs.signedPreKey.id,
    preKeyId: theirs.preKey?.id ?? 0,
    ...ratchetOf(made),
    receiving: [],
  }
  return { session: encodeState(state), baseKey: made.baseKey }
}

/** 0 is the library's word for none. */
function checkId(id: number): void {
  check(Number.isInteger(id) && id > 0 && id <= 0xffff_ffff, 'malformed', { what: 'prekey id' })
}
