import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Start } from './start-page.js'
import { StartStage } from './start-stage.js'

/** Milliseconds are medians of the rounds; `ratio` is how many times longer ours takes than the raw read. */
export interface Row {
  readonly what: string
  readonly oursMs: number
  readonly rawMs: number
  readonly ratio: number
  readonly raw: { readonly ours: readonly number[]; readonly raw: readonly number[] }
}

const messages = 10_000
const rounds = 9

/**
 * From `connect()` to the newest page of a thread of 10,000 messages, beside the least that reads the same rows: in the first page of a browser
 * that was just started, which also pays for the browser's own start of IndexedDB, and in the second.
 */
export async function run(): Promise<readonly Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-bench-'))
  const stage = await StartStage.open(folder, messages)
  try {
    const times = [0, 1].map(() => ({ ours: [] as number[], raw: [] as number[] }))
    for (let round = 0; round < rounds; round++) {
      const [ours, raw] = [await stage.starts('ours'), await stage.starts('raw')]
      times.forEach((one, page) => {
        const [mine, bare] = [ours[page], raw[page]]
        if (mine === undefined || bare === undefined || !areSame(mine, bare))
          throw new Error('not the same page')
        one.ours.push(mine.ms)
        one.raw.push(bare.ms)
      })
    }
    return times.map((raw, page) => {
      const [oursMs, rawMs] = [median(raw.ours), median(raw.raw)]
      const what = page === 0 ? 'after a browser start' : 'in a running browser'
      return { what, oursMs, rawMs, ratio: oursMs / rawMs, raw }
    })
  } finally {
    await stage.close()
    await rm(folder, { recursive: true, force: true })
  }
}

const areSame = (a: Start, b: Start): boolean => a.keys.length > 0 && a.keys.join() === b.keys.join()

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const { what, oursMs, rawMs, ratio } of await run()) {
    console.log(
      `start, ${what}: ours ${oursMs.toFixed(0)} ms, raw read ${rawMs.toFixed(0)} ms, ratio ${ratio.toFixed(2)}`,
    )
  }
}
