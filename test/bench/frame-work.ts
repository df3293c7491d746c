import type { Page } from 'puppeteer-core'

interface TraceEvent {
  readonly name: string
  readonly ph: string
  readonly pid: number
  readonly tid: number
  /** Microseconds: when it began, how long it took, and how much of that the thread ran. */
  readonly ts: number
  readonly dur?: number
  readonly tdur?: number
}

/**
 * Milliseconds that the page's main thread ran for each frame while `act` went on, by the browser's own trace. Time in which other programs
 * had the processor is not in it.
 */
export async function frameWork(page: Page, act: () => Promise<unknown>): Promise<readonly number[]> {
  await page.tracing.start({ categories: ['-*', 'toplevel', 'devtools.timeline'] })
  await act()
  const trace = await page.tracing.stop()
  const { traceEvents } = JSON.parse(new TextDecoder().decode(trace)) as {
    traceEvents: readonly TraceEvent[]
  }
  const threads = new Map<string, TraceEvent[]>()
  for (const event of traceEvents) {
    const name = `${event.pid} ${event.tid}`
    const thread = threads.get(name)
    if (thread === undefined) threads.set(name, [event])
    else thread.push(event)
  }
  const framesOf = (events: readonly TraceEvent[]) =>
    events.filter(({ name }) => name === 'FireAnimationFrame')
  const [main = []] = [...threads.values()].sort((a, b) => framesOf(b).length - framesOf(a).length)
  return perFrame(
    outermost(main.filter(({ name, ph }) => ph === 'X' && name.endsWith('RunTask'))),
    framesOf(main).map(({ ts }) => ts),
  )
}

/** What ran since the frame before belongs to the frame whose task ends it. */
function perFrame(tasks: readonly TraceEvent[], frames: readonly number[]): readonly number[] {
  const work: number[] = []
  let since = 0
  let next = 0
  for (const { ts, dur = 0, tdur = 0 } of tasks) {
    since += tdur / 1000
    if ((frames[next] ?? Infinity) > ts + dur) continue
    while ((frames[next] ?? Infinity) <= ts + dur) next++
    work.push(since)
    since = 0
  }
  return work
}

/** In order, without tasks that ran within another. */
function outermost(tasks: readonly TraceEvent[]): readonly TraceEvent[] {
  let until = 0
  return [...tasks]
    .sort((a, b) => a.ts - b.ts)
    .filter(({ ts, dur = 0 }) => {
      if (ts < until) return false
      until = ts + dur
      return true
    })
}
