// Opens the database that is named first, by the relay's own code, and kills itself before the statement of its migrations that is named second,
// counted from 0. Where there are not so many, it ends by itself.
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

const [, , path = '', statement = ''] = process.argv
const { prototype } = driver()
const { exec } = prototype
let left = Number(statement)
let isMigrating = false
prototype.exec = function (sql) {
  isMigrating ||= sql === 'BEGIN EXCLUSIVE'
  if (!isMigrating) return exec.call(this, sql)
  for (const part of sql.split(/;\s*(?=CREATE|INSERT|COMMIT|--)/)) {
    if (left-- === 0) {
      process.kill(process.pid, 'SIGKILL')
      // It is dead before this returns.
      for (;;);
    }
    exec.call(this, part)
  }
  return this
}
await SqliteStorage.open(path).close()
