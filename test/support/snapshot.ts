import { toHex } from '@sotto/protocol'
import type { RelayInstallation } from './relay-people.js'

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

/** All rows of those tables, to be compared. */
export async function snapshot(
  installation: RelayInstallation,
  only: readonly string[] = tables,
): Promise<Record<string, string>> {
  const store = await installation.sealed()
  const rows: Record<string, string> = {}
  for (const table of only) {
    for (const { key, value } of await store.list(table, { prefix: '', limit: 100_000 })) {
      rows[`${table} ${key}`] = value instanceof Uint8Array ? toHex(value) : 'key'
    }
  }
  return rows
}
