import { SottoError } from '@sotto/protocol'

/** Result codes of SQLite (sqlite.org/rescode.html). */
const busy = 5
const locked = 6
const full = 13
const names: readonly (readonly [name: string, code: number])[] = [
  ['SQLITE_BUSY', busy],
  ['SQLITE_LOCKED', locked],
  ['SQLITE_FULL', full],
]

/** What a driver's failure means to whoever is told. Our own errors, and what is no failure of a database, pass as they are. */
export function sqliteError(error: unknown): unknown {
  if (SottoError.is(error)) return error
  const code = resultCode(error)
  if (code === undefined) return error
  const options = { cause: error }
  if (code === busy || code === locked) return new SottoError('store-locked', undefined, options)
  if (code === full) return new SottoError('store-full', undefined, options)
  return new SottoError('store-failed', undefined, options)
}

/** The same for a database that cannot be opened. A driver that is not there is no failure of the database. */
export function openingError(error: unknown): unknown {
  const known = sqliteError(error)
  // better-sqlite3 complains of a folder that does not exist in words alone.
  return known instanceof TypeError ? new SottoError('store-failed', undefined, { cause: known }) : known
}

/** better-sqlite3 says `SQLITE_BUSY_SNAPSHOT`, Node's own says 517: of both, what stands for the kind. */
function resultCode(error: unknown): number | undefined {
  const { code, errcode } = (error ?? {}) as { readonly code?: unknown; readonly errcode?: unknown }
  if (typeof errcode === 'number') return errcode & 0xff
  if (typeof code !== 'string' || !code.startsWith('SQLITE')) return undefined
  return names.find(([name]) => code.startsWith(name))?.[1] ?? 1
}
