import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { launch, type Page } from 'puppeteer-core'
import { chromiumFlags, findBrowser } from '../../tools/browsers.mjs'
import { frameWork } from './frame-work.js'
import type { Name, Round, Speed } from './thread-contest.js'

/** Milliseconds a frame. */
export interface Frames {
  readonly p50: number
  readonly p95: number
  readonly max: number
}

/**
 * A thread of 10,000 messages beside as many rows of plain DOM, measured in one run. `open` is in milliseconds, `drift` in pixels. `ratio` is
 * ours by theirs; of frames, at the 95th percentile.
 */
export type Row =
  | { readonly what: 'open' | 'drift'; readonly ours: number; readonly plain: number; readonly ratio: number }
  | {
      readonly what: Speed | `${Speed}, work`
      readonly ours: Frames
      readonly plain: Frames
      readonly ratio: number
    }

const rounds = 3
const names = ['ours', 'plain'] as const
const speeds = ['scroll', 'cross'] as const

export async function run(): Promise<readonly Row[]> {
  return inChromium(async (page) => {
    const all: Record<Name, Round[]> = { ours: [], plain: [] }
    for (let i = 0; i < rounds; i++)
      for (const name of names) all[name].push((await page.evaluate(`thread.round('${name}')`)) as Round)
    const of = (what: 'open' | 'drift', value: (all: readonly Round[]) => number): Row => {
      const [ours, plain] = [value(all.ours), value(all.plain)]
      return { what, ours, plain, ratio: ours / plain }
    }
    return [
      of('open', (all) => median(all.map(({ opened }) => opened))),
      beside('scroll', (name) => all[name].map(({ scrolled }) => scrolled)),
      beside('cross', (name) => all[name].map(({ crossed }) => crossed)),
      ...(await workOf(page)),
      of('drift', (all) => most(all.map(({ drift }) => drift))),
    ]
  })
}

async function workOf(page: Page): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const speed of speeds) {
    const work: Record<Name, readonly number[]> = { ours: [], plain: [] }
    for (const name of names) {
      await page.evaluate(`thread.put('${name}').then((stage) => void (globalThis.stage = stage))`)
      work[name] = await frameWork(page, () => page.evaluate(`stage.scroll('${speed}')`))
      await page.evaluate('stage.remove()')
    }
    rows.push(beside(`${speed}, work`, (name) => [work[name]]))
  }
  return rows
}

function beside(
  what: Speed | `${Speed}, work`,
  times: (name: Name) => readonly (readonly number[])[],
): Extract<Row, { ours: Frames }> {
  const [ours, plain] = [framesOf(times('ours')), framesOf(times('plain'))]
  return { what, ours, plain, ratio: ours.p95 / plain.p95 }
}

/** Medians of the rounds, but for the longest frame of all. */
function framesOf(rounds: readonly (readonly number[])[]): Frames {
  const sorted = rounds.map((times) => [...times].sort((a, b) => a - b))
  const at = (share: number) =>
    median(sorted.map((times) => times[Math.ceil(share * times.length) - 1] ?? NaN))
  return { p50: at(0.5), p95: at(0.95), max: most(rounds.flat()) }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN

const most = (values: readonly number[]): number => Math.max(...values)

/** Both are bundled from their sources into one page, which is served from this machine. */
async function inChromium<T>(act: (page: Page) => Promise<T>): Promise<T> {
  const executablePath = findBrowser('chromium')
  if (executablePath === undefined) throw new Error('there is no chromium: set CHROME_PATH')
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./thread-contest.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'thread',
    target: 'es2022',
    conditions: ['@sotto/source', 'browser', 'production'],
    define: { 'process.env.NODE_ENV': '"production"' },
    tsconfig: fileURLToPath(new URL('../../tsconfig.base.json', import.meta.url)),
    minify: true,
  })
  const script = outputFiles[0]?.text ?? ''
  const server = createServer((request, response) => {
    const isScript = request.url === '/thread.js'
    response.setHeader('content-type', `text/${isScript ? 'javascript' : 'html'}; charset=utf-8`)
    response.end(isScript ? script : '<!doctype html><body><script src="/thread.js"></script>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const browser = await launch({ executablePath, args: chromiumFlags(), protocolTimeout: 600_000 })
  try {
    const page = await browser.newPage()
    await page.setViewport({ width: 800, height: 900 })
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    return await act(page)
  } finally {
    await browser.close()
    server.close()
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const frames = ({ p50, p95, max }: Frames) =>
    `p50 ${p50.toFixed(1)}, p95 ${p95.toFixed(1)}, max ${max.toFixed(1)} ms a frame`
  for (const row of await run()) {
    const { what, ratio } = row
    if (typeof row.ours !== 'number' || typeof row.plain !== 'number') {
      const { ours, plain } = row as Extract<Row, { ours: Frames }>
      console.log(`thread, ${what}: ours ${frames(ours)}; plain ${frames(plain)}; ratio ${ratio.toFixed(2)}`)
    } else {
      const unit = what === 'open' ? 'ms' : 'px'
      const beside = what === 'open' ? `, ratio ${ratio.toFixed(2)}` : ''
      console.log(
        `thread, ${what}: ours ${row.ours.toFixed(1)} ${unit}, plain ${row.plain.toFixed(1)} ${unit}${beside}`,
      )
    }
  }
}
