import { toHex } from '@sotto/protocol'
import { sessionRows } from '../../packages/core/src/store/tables.js'
import { assert } from '#test'
import { run } from '@sotto/core'
import type { SealedStore } from '@sotto/core'

/** What an attack must not move: whom we know, every ratchet, every prekey, every message. */
const tables = [
  'self',
  'peers',
  'sessions',
  'prekeys',
  'base-keys',
  'messages',
  'conversations',
  'outbox',
  'received',
]

/** All rows of those tables, to be compared; each session by itself, and who began it. */
export async function snapshot(
  installation: { sealed(): Promise<SealedStore> },
  only: readonly string[] = tables,
): Promise<Record<string, string>> {
  const store = await installation.sealed()
  const rows: Record<string, string> = {}
  for (const table of only) {
    if (table === 'sessions') {
      for (const { key, row } of await run(store, (all) =>
        sessionRows.list(all, { prefix: '', limit: 100_000 }),
      ))
        for (const { name, initiator, state, ...rest } of row.sessions)
          rows[`sessions ${key} ${initiator ? 'ours' : 'theirs'} ${name}`] =
            `${toHex(state)} ${JSON.stringify({ ...rest, baseKey: toHex(rest.baseKey) })}`
      continue
    }
    for (const { key, value } of await store.list(table, { prefix: '', limit: 100_000 })) {
      rows[`${table} ${key}`] = value instanceof Uint8Array ? toHex(value) : 'key'
    }
  }
  return rows
}

/**
 * Nothing of what was there is another, and nothing is new but what our own question began: what could not be read is asked for, in a session of
 * its own, of the device that is on the list.
 */
export function assertUnmoved(after: Record<string, string>, before: Record<string, string>): void {
  for (const [key, row] of Object.entries(before)) assert.equal(after[key], row, key)
  const fresh = Object.keys(after).filter((key) => !(key in before))
  assert.deepEqual(
    fresh.filter((key) => !/^sessions \S+ ours /.test(key)),
    [],
  )
}
