import { sha256 } from '@noble/hashes/sha2.js'
import { toHex, utf8 } from '@sotto/protocol'

/** The name of a client's database, lock and channel: `sotto-` and 128 bits of a hash over realm, backend and account. */
export function storageName(realm: string, relay: string, account: string): string {
  return `sotto-${toHex(sha256(utf8(JSON.stringify([realm, relay, account]))).subarray(0, 16))}`
}
