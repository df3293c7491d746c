import { sha512 } from '@noble/hashes/sha2.js'
import {
  concatBytes,
  encode,
  fromHex,
  labelled,
  labels,
  realm,
  accountName,
  accountId,
  field,
  struct,
  uint,
} from '@sotto/protocol'

/** SHA-512 rounds. */
const rounds = 5200
const version = 1

const layout = struct({
  v: field(1, uint(1, 1)),
  realm: field(2, realm),
  account: field(3, accountName),
  accountId: field(4, accountId),
})

/** One side of a comparison. */
export interface Fingerprinted {
  readonly account: string
  readonly accountId: string
}

/**
 * The safety number of two accounts: 60 decimal digits, the same on both sides, one for all devices now and later. Each half is 30 digits
 * out of 5,200 rounds of SHA-512 over the account's name and id, with the realm; the smaller half stands first.
 */
export function safetyNumber(inRealm: string, a: Fingerprinted, b: Fingerprinted): string {
  return [half(inRealm, a), half(inRealm, b)].sort().join('')
}

function half(inRealm: string, { account, accountId }: Fingerprinted): string {
  const start = labelled(
    labels.safetyNumber,
    encode(layout, { v: version, realm: inRealm, account, accountId }),
  )
  const id = fromHex(accountId)
  let hash = sha512(start)
  for (let round = 1; round < rounds; round++) hash = sha512(concatBytes(hash, id))
  let digits = ''
  for (let group = 0; group < 6; group++) {
    const five = hash.subarray(group * 5, group * 5 + 5).reduce((sum, byte) => sum * 256 + byte, 0)
    digits += String(five % 100_000).padStart(5, '0')
  }
  return digits
}
