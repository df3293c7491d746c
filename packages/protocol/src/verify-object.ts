import { toHex } from './bytes.js'
import { SottoError, check } from './errors.js'
import { labelled, type Label } from './labels.js'
import { algorithms, type Signed } from './signed.js'
import { verifySignature } from './signatures.js'

/**
 * Checks that exactly the `required` signers signed `object` under `label`, each once, each with a valid Ed25519 signature.
 * Signatures of algorithms that are newer than us are ignored; the Ed25519 one must be there. Throws `bad-signature`.
 */
export function verifyObject(label: Label, object: Signed, required: ReadonlyMap<string, Uint8Array>): void {
  const message = labelled(label, object.bytes)
  const seen = new Set<string>()
  for (const { by, signatures } of object.signed) {
    const name = toHex(by)
    const publicKey = required.get(name)
    check(publicKey !== undefined && !seen.has(name), 'bad-signature')
    seen.add(name)
    const ours = signatures.filter((one) => one.alg === algorithms.ed25519)
    const [only] = ours
    if (only === undefined || ours.length !== 1) throw new SottoError('bad-signature')
    check(verifySignature(publicKey, message, only.bytes) === true, 'bad-signature')
  }
  check(seen.size === required.size, 'bad-signature')
}
