import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CatchUpStage } from './catchup-stage.js'
import type { CatchUp } from './catchup-page.js'

/** Messages a second, of medians; `ratio` is how many times faster ours is. `longestFrameMs` is the longest of all rounds. */
export interface Row {
  readonly what: string
  readonly ours: number
  readonly matrix: number
  readonly ratio: number
  readonly longestFrameMs: { readonly ours: number; readonly matrix: number }
  readonly raw: { readonly ours: readonly CatchUp[]; readonly matrix: readonly CatchUp[] }
}

const rounds = 5
const writers = 10
const each = 100

/**
 * 1,000 messages wait, 100 of each of ten devices. Ours: a whole client in Chromium over a real relay process, from `connect()`, with its login,
 * until all are committed and the newest page of every conversation is read. Theirs: the same number of to-device events that
 * `@matrix-org/matrix-sdk-crypto-wasm` decrypts, from the opening of its IndexedDB store, and whose texts are stored as they come; they are handed
 * to it, so that it pays for no network, login, conversation or inbox. Olm is its double ratchet, as ours is: Megolm, a chain for a whole room, does less.
 */
export async function run(): Promise<readonly Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-bench-'))
  const stage = await CatchUpStage.open(folder, writers)
  try {
    const raw = { ours: [] as CatchUp[], matrix: [] as CatchUp[] }
    // The first of each pays for what the browser loads once.
    for (let round = 0; round <= rounds; round++) {
      const [ours, matrix] = [await stage.ours(round, each), await stage.matrix(round, each)]
      if (round === 0) continue
      raw.ours.push(ours)
      raw.matrix.push(matrix)
    }
    const rate = (times: readonly CatchUp[]) => (writers * each * 1000) / median(times.map(({ ms }) => ms))
    const longest = (times: readonly CatchUp[]) => Math.max(...times.map((one) => one.longestFrameMs))
    const [ours, matrix] = [rate(raw.ours), rate(raw.matrix)]
    const longestFrameMs = { ours: longest(raw.ours), matrix: longest(raw.matrix) }
    return [{ what: 'catch up', ours, matrix, ratio: ours / matrix, longestFrameMs, raw }]
  } finally {
    await stage.close()
    await rm(folder, { recursive: true, force: true })
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const { what, ours, matrix, ratio, longestFrameMs: frames } of await run()) {
    const frame = `longest frame ${frames.ours.toFixed(0)} ms, ${frames.matrix.toFixed(0)} ms`
    console.log(
      `catchup, ${what}: ours ${Math.round(ours)} messages/s, matrix-sdk-crypto ${Math.round(matrix)}, ${ratio.toFixed(1)}×; ${frame}`,
    )
  }
}
