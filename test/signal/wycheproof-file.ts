import { fromHex } from '@sotto/protocol'

/**
 * One vector of a Wycheproof file, with the fields of its group that its test needs. Byte strings are
 * hexadecimal.
 */
export interface Vector {
  readonly tcId: number
  readonly flags: readonly string[]
  readonly result: 'valid' | 'invalid' | 'acceptable'
  readonly group: Readonly<Record<string, unknown>>
  bytes(name: string): Uint8Array
  number(name: string): number
}

interface File {
  readonly numberOfTests: number
  readonly testGroups: readonly { readonly tests: readonly Omit<Vector, 'group'>[] }[]
}

/**
 * All vectors of a file under test/vectors/wycheproof, in Node from the disk and in a browser from where the
 * tests are served.
 */
export async function vectorsOf(name: string): Promise<readonly Vector[]> {
  const url = new URL(`../vectors/wycheproof/${name}`, import.meta.url)
  const file = JSON.parse(await readText(url)) as File
  const vectors = file.testGroups.flatMap(({ tests, ...group }) =>
    tests.map((one) => {
      const fields = one as unknown as Record<string, unknown>
      const bytes = (field: string) => fromHex(String(fields[field]))
      const number = (field: string) => Number(fields[field] ?? (group as Record<string, unknown>)[field])
      return { tcId: one.tcId, flags: one.flags, result: one.result, group, bytes, number }
    }),
  )
  if (vectors.length !== file.numberOfTests) throw new Error(`${name} names another count than it holds`)
  return vectors
}

async function readText(url: URL): Promise<string> {
  if (url.protocol !== 'file:') return (await fetch(url)).text()
  const fs = 'node:fs/promises'
  const { readFile } = (await import(fs)) as { readFile(url: URL, encoding: string): Promise<string> }
  return readFile(url, 'utf8')
}

/** How many of `vectors` went which way. */
export function countBy<T>(items: readonly T[], name: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const item of items) counts[name(item)] = (counts[name(item)] ?? 0) + 1
  return counts
}
