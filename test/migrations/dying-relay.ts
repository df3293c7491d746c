// Opens the database that is named first, by the relay's own code, and kills itself after as many statements of a migration as are named second.
import { createRequire } from 'node:module'
import { SqliteStorage } from '@sotto/relay'

interface Driver {
  readonly prototype: { exec(this: unknown, sql: string): unknown }
}

/** The driver that the relay takes: Node's own where there is one. */
function driver(): Driver {
  const own = process.getBuiltinModule('node:sqlite') as { readonly DatabaseSync: Driver } | undefined
  return own?.DatabaseSync ?? (createRequire(import.meta.resolve('@sotto/relay'))('better-sqlite3') as Driver)
}

const [, , path = '', statements = ''] = process.argv
const { prototype } = driver()
const { exec } = prototype
prototype.exec = function (sql) {
  const parts = sql.split(/;\s*\n(?=\s*(?:CREATE|INSERT|--))/)
  if (parts.length < 2) return exec.call(this, sql)
  for (const part of parts.slice(0, Number(statements))) exec.call(this, part)
  process.kill(process.pid, 'SIGKILL')
  // It is dead before this returns.
  for (;;);
}
SqliteStorage.open(path)
