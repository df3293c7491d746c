import type { Storage } from '@sotto/relay'

/** Everything that is stored, in one text: two are equal when nothing was changed between them. */
export function dump(storage: Storage): Promise<string> {
  return storage.read(async (rows) => {
    const tables = await rows.all<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'")
    const all = await Promise.all(tables.map(({ name }) => rows.all(`SELECT * FROM ${name}`)))
    return JSON.stringify(all)
  })
}
