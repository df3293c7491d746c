import { createHash } from 'node:crypto'
import { check, decodeSigned, preKeyKinds, verifyPreKey, type PreKeyOwner } from '@sotto/protocol'

/** What a device publishes: encoded signed prekeys. */
export interface Upload {
  readonly signedPreKey?: Uint8Array
  readonly preKeys: readonly Uint8Array[]
}

/** A prekey that was verified, as it is stored: `encoded` is handed out byte for byte. */
export interface VerifiedPreKey {
  readonly id: number
  /** SHA-256 of the signed bytes: one id stands for one key, whoever signed it again. */
  readonly hash: Uint8Array
  readonly encoded: Uint8Array
  /** Milliseconds since 1970, of a signed prekey; 0 of others. */
  readonly expiresAt: number
}

export interface VerifiedUpload {
  readonly device: string
  readonly accountId: string
  readonly signedPreKey: VerifiedPreKey | undefined
  readonly preKeys: readonly VerifiedPreKey[]
}

/** SHA-256 of what was signed. */
export const hashOfPreKey = (encoded: Uint8Array): Uint8Array =>
  createHash('sha256').update(decodeSigned(encoded).bytes).digest()

/** A signature takes a millisecond: after so many, others have a turn. */
const verifiedAtOnce = 8

/**
 * Verifies all of it, outside of any unit of the storage: a hundred signatures hold up nobody else's commit. Rejects with `malformed`,
 * `too-large`, `bad-signature`, `bad-prekey` or `unsupported-version`.
 */
export async function verifyUpload(
  { signedPreKey, preKeys }: Upload,
  owner: PreKeyOwner,
  now: number,
): Promise<VerifiedUpload> {
  const verify = (encoded: Uint8Array, kind: number): VerifiedPreKey => {
    const { id, expiresAt = 0 } = verifyPreKey(decodeSigned(encoded), owner, kind, now)
    return { id, hash: hashOfPreKey(encoded), encoded, expiresAt }
  }
  const signed = signedPreKey && verify(signedPreKey, preKeyKinds.signed)
  const verified: VerifiedPreKey[] = []
  for (const [i, encoded] of preKeys.entries()) {
    if (i % verifiedAtOnce === verifiedAtOnce - 1) await new Promise((resolve) => setImmediate(resolve))
    verified.push(verify(encoded, preKeyKinds.oneTime))
  }
  check(new Set(verified.map(({ id }) => id)).size === verified.length, 'bad-prekey')
  return { device: owner.device, accountId: owner.accountId, signedPreKey: signed, preKeys: verified }
}
