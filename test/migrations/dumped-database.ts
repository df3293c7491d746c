import {
  encodeSigned,
  fromBase64Url,
  signedMax,
  decode,
  signed,
  startChain,
  toBase64Url,
  toHex,
} from '@sotto/protocol'
import type { Column } from '../../packages/relay/src/storage/storage.js'
import { openDriver } from '../../packages/relay/src/storage/sqlite-driver.js'
import type { RawDevice } from '../relay/raw-device.js'

export interface DumpedDevice {
  readonly account: string
  readonly id: string
  readonly seed: string
  readonly signingKey: string
  readonly identityKey: string
  readonly list: string
}

/** A relay's database as the statements that make it, and the devices that it knows, who can log in. */
export interface DumpedDatabase {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly version: number
  readonly sql: readonly string[]
  readonly devices: readonly DumpedDevice[]
  /** Ids of what waits for the second device. */
  readonly waiting: readonly string[]
}

const literal = (value: Column): string => {
  if (value === null) return 'NULL'
  if (value instanceof Uint8Array) return `x'${toHex(value)}'`
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value)
}

/** All statements that make the database at `path` again. Triggers come last, so that they do not see it filled. */
export function dumpDatabase(path: string): { readonly version: number; readonly sql: readonly string[] } {
  const driver = openDriver(path, true)
  const made = driver
    .prepare('SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL')
    .all() as readonly {
    readonly type: string
    readonly name: string
    readonly sql: string
  }[]
  const of = (...types: readonly string[]) => made.filter(({ type }) => types.includes(type))
  const rows = of('table').flatMap(({ name }) =>
    driver
      .prepare(`SELECT * FROM ${name}`)
      .all()
      .map((row) => {
        const values = Object.values(row as Record<string, Column>).map(literal)
        return `INSERT INTO ${name} VALUES (${values.join(', ')})`
      }),
  )
  const { user_version: version } = driver.prepare('PRAGMA user_version').get() as {
    readonly user_version: number
  }
  driver.close()
  return {
    version,
    sql: [...of('table').map(({ sql }) => sql), ...rows, ...of('index', 'trigger').map(({ sql }) => sql)],
  }
}

/** Makes the database at `path`. */
export function loadDatabase({ sql, version }: Pick<DumpedDatabase, 'sql' | 'version'>, path: string): void {
  const driver = openDriver(path, false)
  for (const statement of ['BEGIN', ...sql, `PRAGMA user_version = ${version}`, 'COMMIT'])
    driver.exec(statement)
  driver.close()
}

export const dumpDevice = ({ account, id, seed, device, known }: RawDevice): DumpedDevice => ({
  account,
  id,
  seed: toBase64Url(seed),
  signingKey: toBase64Url(device.signingKey.bytes),
  identityKey: toBase64Url(device.identityKey.bytes),
  list: toBase64Url(encodeSigned(known.head)),
})

/** What `RawDevice` takes for a device that was there before. */
export function twinOf(
  realm: string,
  { account, id, seed, list }: DumpedDevice,
): ConstructorParameters<typeof RawDevice>[2] {
  const chain = startChain(decode(signed, fromBase64Url(list), signedMax), { realm, account })
  const device = chain.list.devices.find((one) => one.id === id)
  if (device === undefined) throw new Error('not on its list')
  return { id, seed: fromBase64Url(seed), device, chain }
}
