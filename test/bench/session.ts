import { pathToFileURL } from 'node:url'
import { inChromium } from './chromium-page.js'
import { ages, type Aged, type Contest } from './session-contest.js'

/**
 * A session as it grows older, ours beside the library's as shipped. `bytes` are the largest so far of either end, after as many messages as `ages`
 * says; milliseconds a message are medians of the rounds; `ratio` is how many times longer a message takes after 10,000 than after 100.
 */
export interface Row {
  readonly what: string
  readonly ours: Step
  readonly library?: Step
  readonly raw: Contest
}

export interface Step {
  readonly bytes: readonly number[]
  readonly youngMs: number
  readonly oldMs: number
  readonly ratio: number
}

const names = {
  mixed: 'everything comes',
  lossy: 'nine of ten never come',
} as const

export async function run(): Promise<readonly Row[]> {
  const contests = await inChromium<readonly Contest[]>('session-contest', 'bench.contest()')
  return contests.map((raw) => {
    const { what, ours, library } = raw
    return { what: names[what], ours: stepOf(ours), ...(library && { library: stepOf(library) }), raw }
  })
}

function stepOf({ sizes, young, old }: Aged): Step {
  const [youngMs, oldMs] = [median(young), median(old)]
  return { bytes: sizes, youngMs, oldMs, ratio: oldMs / youngMs }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN

const said = ({ bytes, youngMs, oldMs, ratio }: Step): string => {
  const kilobytes = bytes.map((size) => (size / 1000).toFixed(1)).join(', ')
  return `${kilobytes} KB, ${youngMs.toFixed(2)} ms, then ${oldMs.toFixed(2)} ms a message, ratio ${ratio.toFixed(2)}`
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const { what, ours, library } of await run()) {
    const theirs = library === undefined ? '' : `; library ${said(library)}`
    console.log(`session, ${what}: after ${ages.join(', ')} messages ours ${said(ours)}${theirs}`)
  }
}
