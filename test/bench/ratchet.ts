import { pathToFileURL } from 'node:url'
import { inChromium } from './chromium-page.js'
import { contest, type Contest } from './ratchet-contest.js'

/**
 * Ours beside the library as shipped, measured in one run. Milliseconds are medians of the rounds; `ratio` is
 * how many times faster ours is.
 */
export interface Row {
  readonly what: string
  readonly where: 'chromium' | 'node'
  readonly oursMs: number
  readonly libraryMs: number
  readonly ratio: number
  readonly raw: Pick<Contest, 'ours' | 'library'>
}

export async function run(): Promise<readonly Row[]> {
  return [
    ...rowsOf('chromium', await inChromium('ratchet-contest', 'bench.contest()')),
    ...rowsOf('node', await contest()),
  ]
}

function rowsOf(where: Row['where'], contests: readonly Contest[]): readonly Row[] {
  return contests.map(({ what, ours, library }) => {
    const [oursMs, libraryMs] = [median(ours), median(library)]
    return { what, where, oursMs, libraryMs, ratio: libraryMs / oursMs, raw: { ours, library } }
  })
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const { what, where, oursMs, libraryMs, ratio } of await run()) {
    console.log(
      `${where}: ${what}: ours ${oursMs.toFixed(2)} ms, library ${libraryMs.toFixed(2)} ms, ${ratio.toFixed(1)}×`,
    )
  }
}
