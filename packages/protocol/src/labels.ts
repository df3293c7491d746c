import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8 } from './bytes.js'
import { check } from './errors.js'

/** The domain labels. Whatever is signed, hashed or authenticated begins with one; none is used for a second layout. */
export const labels = Object.freeze({
  deviceList: 'sotto/device-list/v1',
  listHash: 'sotto/list-hash/v1',
  accountId: 'sotto/account-id/v1',
  preKey: 'sotto/prekey/v1',
  login: 'sotto/login/v1',
  session: 'sotto/session-name/v1',
  conversation: 'sotto/conversation/v1',
  message: 'sotto/message/v1',
  safetyNumber: 'sotto/safety-number/v1',
  storeKey: 'sotto/store-key/v1',
  storeName: 'sotto/store-name/v1',
  storeValue: 'sotto/store-value/v1',
} as const)

export type Label = (typeof labels)[keyof typeof labels]

const firstParts: ReadonlyMap<Label, Uint8Array> = new Map(
  Object.values(labels).map((label) => [label, concatBytes(Uint8Array.of(label.length), utf8(label))]),
)

/** The label's length (one byte), the label (ASCII), then the bytes: no two labels share a first part. */
export function labelled(label: Label, bytes: Uint8Array): Uint8Array {
  const firstPart = firstParts.get(label)
  check(firstPart !== undefined, 'wrong-argument', { name: 'label' })
  return concatBytes(firstPart, bytes)
}

/** SHA-256 over a labelled byte string: 32 bytes. */
export function labelledHash(label: Label, bytes: Uint8Array): Uint8Array {
  return sha256(labelled(label, bytes))
}
