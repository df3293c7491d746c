import { accountId, accountName, realm } from './address.js'
import { fromHex, toHex } from './bytes.js'
import { encode, read } from './codec.js'
import { hashOfList, readDeviceList, listHash, type Device, type DeviceList } from './device-list.js'
import { check } from './errors.js'
import { limits } from './limits.js'
import { bytes, list, type Shaped } from './shape.js'
import { field, struct } from './struct.js'
import { signed, signedMax, type Signed } from './signed.js'

/** The verified chain of one account, up to its newest accepted list. */
export interface Chain {
  readonly realm: string
  readonly account: string
  /** Hash of the first list: what is pinned. */
  readonly accountId: string
  readonly list: DeviceList
  /** The list as it was signed, to be passed on byte for byte. */
  readonly head: Signed
  readonly hash: string
  /** Ids and keys (hexadecimal) that were removed and may never return. */
  readonly retired: ReadonlySet<string>
}

/** What is kept of an account's verified chain: its newest list as it was signed, and every id and key that was ever on a list. */
const chainRow = struct({
  realm: field(1, realm),
  account: field(2, accountName),
  accountId: field(3, accountId),
  head: field(4, signed),
  headHash: field(5, listHash),
  retired: field(6, list(bytes(16, limits.key), limits.lists * (limits.devices * 3 + 1))),
})

/** The newest list's device of that id, or `undefined`. */
export const deviceOf = (chain: Chain, id: string): Device | undefined =>
  chain.list.devices.find((one) => one.id === id)

export function encodeChain(chain: Chain): Uint8Array {
  const { realm, account, accountId, head, hash } = chain
  return encode(chainRow, {
    realm,
    account,
    accountId,
    head,
    headHash: hash,
    retired: [...chain.retired].sort().map(fromHex),
  })
}

/**
 * Reads a chain that we verified and stored. It comes from our own sealed store, so signatures are not checked a second time, nor whether what
 * has this hash is encoded as it must be.
 */
export function decodeChain(stored: Uint8Array): Chain {
  const row: Shaped<typeof chainRow> = read(chainRow, stored, signedMax + limits.lists * limits.devices * 200)
  const { realm, account, accountId, head, headHash: hash } = row
  check(hashOfList(head.bytes) === hash, 'store-damaged', { what: 'chain' })
  const value = readDeviceList(head.bytes)
  check(value.realm === realm && value.account === account, 'store-damaged', { what: 'chain' })
  return { realm, account, accountId, list: value, head, hash, retired: new Set(row.retired.map(toHex)) }
}
