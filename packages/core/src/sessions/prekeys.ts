import { emptyExt, limits, preKeyKinds, referenceTo, signPreKey, toHex, type Signed } from '@sotto/protocol'
import type { OwnDevice } from '../account/own-device.js'
import type { KeyKind, OwnKey, OwnPreKey, PreKeyUpload, SessionCipher } from '../ports/index.js'
import { freshCounters } from '../store/fresh-counters.js'
import { sortable, type RowReader, type RowWriter } from '../store/rows.js'
import { baseKeyRows, counterRows, keysTable, preKeyRows } from '../store/tables.js'

/** By how much more than this the newest signed prekey may not be of the future. */
const futureMs = 86_400_000

type PreKeyKind = 'signed' | 'one'
const rowKey = (kind: PreKeyKind, id: number) => `${kind}/${sortable(id)}`
const privateName = (kind: PreKeyKind, id: number) => `prekey ${kind} ${id}`

/** One of our prekeys with its private half. `undefined` for one that never was, was used up, or is gone. */
export async function readPreKey(
  rows: RowReader,
  kind: PreKeyKind,
  id: number,
): Promise<OwnPreKey | undefined> {
  const [row, privateKey] = await Promise.all([
    preKeyRows.get(rows, rowKey(kind, id)),
    rows.get(keysTable, privateName(kind, id)),
  ])
  if (row === undefined || privateKey === undefined) return undefined
  return { id, publicKey: row.publicKey, privateKey }
}

/** Stages that a one-time prekey was used up: in the commit of the session that it made. */
export function dropPreKey(rows: RowWriter, kind: PreKeyKind, id: number): void {
  preKeyRows.delete(rows, rowKey(kind, id))
  rows.delete(keysTable, privateName(kind, id))
}

/** Key pairs, made before they are staged, because making them waits and a unit of work may run twice. */
export interface FreshKeys {
  readonly signed: readonly OwnKey[]
  readonly one: readonly OwnKey[]
}

export async function makeFreshKeys(
  cipher: SessionCipher,
  own: OwnDevice,
  signed: number,
  one: number,
): Promise<FreshKeys> {
  const make = (kind: KeyKind, count: number) => (count === 0 ? [] : cipher.generate(kind, count, own.policy))
  return { signed: await make('signed-prekey', signed), one: await make('prekey', one) }
}

/** Stages fresh prekeys under the next ids, signed one by one, and returns what is to be published once they are committed. */
export async function putPreKeys(
  rows: RowWriter,
  own: OwnDevice,
  fresh: FreshKeys,
  now: number,
): Promise<PreKeyUpload> {
  const counters = (await counterRows.get(rows, 'counters')) ?? freshCounters
  let { nextPreKey, nextSignedPreKey, signedPreKeyMadeAt } = counters
  const preKeys: Signed[] = []
  let signedPreKey: Signed | undefined
  for (const key of fresh.one) preKeys.push(await putOne(rows, own, 'one', nextPreKey++, key, now))
  for (const key of fresh.signed) {
    signedPreKey = await putOne(rows, own, 'signed', nextSignedPreKey++, key, now)
    signedPreKeyMadeAt = now
  }
  counterRows.put(rows, 'counters', { ...counters, nextPreKey, nextSignedPreKey, signedPreKeyMadeAt })
  await prune(rows, 'one', limits.preKeysKept)
  await prune(rows, 'signed', limits.signedPreKeysKept + 1)
  return signedPreKey === undefined ? { preKeys } : { signedPreKey, preKeys }
}

/** How many signed prekeys are to be made: one after two days of use, where the newest was made in the future, or where the backend has none. */
export async function signedPreKeysDue(
  rows: RowReader,
  published: number | undefined,
  now: number,
): Promise<number> {
  const counters = await counterRows.get(rows, 'counters')
  if (counters === undefined || published === undefined) return 1
  const age = now - counters.signedPreKeyMadeAt
  // A clock that went back a little makes the key look new: rotation waits. What a clock far ahead has made would serve for too long.
  return age >= limits.signedPreKeyRotateMs || age < -futureMs ? 1 : 0
}

/** The newest signed prekey that is stored, to be published again where the backend has lost it. */
export async function newestSignedPreKey(
  rows: RowReader,
): Promise<{ readonly id: number; readonly published: Signed } | undefined> {
  const [newest] = await preKeyRows.list(rows, { prefix: 'signed', limit: 1, reverse: true })
  return newest?.row
}

async function putOne(
  rows: RowWriter,
  own: OwnDevice,
  kind: PreKeyKind,
  id: number,
  key: OwnKey,
  now: number,
): Promise<Signed> {
  const { realm, accountId, device } = own.address
  const published = await signPreKey(
    {
      realm,
      accountId,
      device,
      kind: kind === 'signed' ? preKeyKinds.signed : preKeyKinds.oneTime,
      id,
      key: { alg: 2, bytes: key.publicKey },
      madeAt: now,
      ...(kind === 'signed'
        ? { expiresAt: now + limits.signedPreKeyMs, newest: referenceTo(own.chain) }
        : {}),
      ext: emptyExt,
    },
    own.sign,
  )
  preKeyRows.put(rows, rowKey(kind, id), { id, publicKey: key.publicKey, madeAt: now, published })
  rows.put(keysTable, privateName(kind, id), key.privateKey)
  return published
}

/** Deletes the oldest by count, never by the clock, and with a signed prekey the base keys that were read against it. */
async function prune(rows: RowWriter, kind: PreKeyKind, keep: number): Promise<void> {
  const all = await preKeyRows.list(rows, {
    prefix: kind,
    limit: limits.preKeysKept + 2 * limits.preKeysHeld,
  })
  for (const { row } of all.slice(0, Math.max(0, all.length - keep))) {
    dropPreKey(rows, kind, row.id)
    if (kind === 'signed') await forgetBaseKeys(rows, row.id)
  }
}

const baseKeyName = (signedPreKeyId: number, baseKey: Uint8Array) => `${signedPreKeyId}/${toHex(baseKey)}`

/** Whether a first message with this base key was read before. */
export async function baseKeySeen(
  rows: RowReader,
  signedPreKeyId: number,
  baseKey: Uint8Array,
): Promise<boolean> {
  return (await baseKeyRows.get(rows, baseKeyName(signedPreKeyId, baseKey))) !== undefined
}

export function putBaseKey(rows: RowWriter, signedPreKeyId: number, baseKey: Uint8Array, now: number): void {
  baseKeyRows.put(rows, baseKeyName(signedPreKeyId, baseKey), { at: now })
}

async function forgetBaseKeys(rows: RowWriter, signedPreKeyId: number): Promise<void> {
  for (;;) {
    const page = await baseKeyRows.list(rows, { prefix: String(signedPreKeyId), limit: 500 })
    for (const { key } of page) baseKeyRows.delete(rows, key)
    if (page.length < 500) return
  }
}
