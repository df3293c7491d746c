import { limits, type Clock, type MessageNumber } from '@sotto/protocol'
import type { MissingSpan, ReceivedRow } from '../store/tables.js'
import { compareNumbers } from './numbers.js'

/**
 * The `last` of a gap whose end is not known. The first number of a run names the last one of the run before; until it has come, anything may
 * have been given between the last number known and that run.
 */
const openEnd = 0xffff_ffff

export interface ArrivedNumber {
  readonly number: MessageNumber
  readonly after?: MessageNumber | undefined
  readonly since: MessageNumber
}

/** Whether a gap reaches up to the run of the next one, however much that is. */
export const isOpen = ({ last }: MissingSpan): boolean => last === openEnd

/** What a number means that came of a device. `again`: it was given before. */
export function arrive(
  row: ReceivedRow | undefined,
  device: string,
  arrived: ArrivedNumber,
): ReceivedRow | 'again' {
  const { number, since } = arrived
  if (row === undefined)
    return { device, highest: number, missing: merged(missingBetween(since, arrived)), toldMissing: 0 }
  const { highest, missing } = row
  if (compareNumbers(number, highest) > 0) {
    const next = { run: highest.run, n: highest.n + 1 }
    const from = compareNumbers(since, highest) > 0 ? since : next
    return { ...row, highest: number, missing: merged([...missing, ...missingBetween(from, arrived)]) }
  }
  const at = missing.findIndex((one, i) => contains(one, missing[i + 1], number))
  const span = missing[at]
  if (span === undefined) return 'again'
  const parts = isOpen(span) ? splitOpen(span, arrived) : split(span, number)
  const before = missing.slice(0, at)
  return { ...row, missing: merged([...closeLast(before, arrived), ...parts, ...missing.slice(at + 1)]) }
}

/** What it means that a device says how far it has given numbers. The same row where that is no news. */
export function arriveUpTo(
  row: ReceivedRow | undefined,
  device: string,
  { since, given }: { readonly since: MessageNumber; readonly given: MessageNumber },
): ReceivedRow | undefined {
  if (compareNumbers(since, given) > 0) return row
  if (row === undefined)
    return { device, highest: given, missing: merged(missingUpTo(since, given)), toldMissing: 0 }
  const { highest, missing } = row
  if (compareNumbers(given, highest) <= 0) return row
  const from = compareNumbers(since, highest) > 0 ? since : { run: highest.run, n: highest.n + 1 }
  return { ...row, highest: given, missing: merged([...missing, ...missingUpTo(from, given)]) }
}

/** The highest number that came, which may be below the highest that is known to have been given; `n` is 0 where none of its run came. */
export function highestCame({ highest, missing }: ReceivedRow): MessageNumber {
  let { n } = highest
  for (const span of [...missing].reverse()) {
    if (span.run !== highest.run || span.last !== n) break
    n = span.first - 1
  }
  return { run: highest.run, n }
}

/** Where the last message before `number` was placed that came of a device: what comes after it may not sort before it. */
export const placeBefore = (received: ReceivedRow | undefined, number: MessageNumber): Clock | undefined =>
  received !== undefined && compareNumbers(highestCame(received), number) < 0 ? received.lastClock : undefined

/** Whether a number is known to be missing. Of an open gap it is not known that it was ever given. */
export function isMissing({ missing }: ReceivedRow, number: MessageNumber): boolean {
  return missing.some((one) => !isOpen(one) && contains(one, undefined, number))
}

/** What is known to be missing above a number. */
export const missingAfter = ({ missing }: ReceivedRow, number: MessageNumber): readonly MissingSpan[] =>
  missing.filter((one) => !isOpen(one) && compareNumbers({ run: one.run, n: one.first }, number) > 0)

/** The gaps, where a device said of some numbers that they will never come. */
export function withGone(
  missing: readonly MissingSpan[],
  gone: readonly Omit<MissingSpan, 'gone'>[],
): readonly MissingSpan[] {
  let spans = missing
  for (const { run, first, last } of gone) {
    spans = spans.flatMap((span) => {
      const [from, to] = [Math.max(span.first, first), Math.min(span.last, last)]
      if (span.gone || span.run !== run || from > to) return [span]
      return [
        ...gap({ run, n: span.first }, from - 1),
        { run, first: from, last: to, gone: true },
        ...gap({ run, n: to + 1 }, span.last),
      ]
    })
  }
  return merged(joined(spans))
}

/** Neighbours of one kind are one gap. */
function joined(spans: readonly MissingSpan[]): readonly MissingSpan[] {
  const all: MissingSpan[] = []
  for (const span of spans) {
    const last = all.at(-1)
    if (
      last !== undefined &&
      last.run === span.run &&
      last.gone === span.gone &&
      last.last + 1 === span.first
    )
      all[all.length - 1] = { ...last, last: span.last }
    else all.push(span)
  }
  return all
}

function contains(span: MissingSpan, next: MissingSpan | undefined, number: MessageNumber): boolean {
  if (compareNumbers({ run: span.run, n: span.first }, number) > 0) return false
  if (isOpen(span)) return number.run < (next?.run ?? Infinity)
  return span.run === number.run && number.n <= span.last
}

/** What must have been given, or may have been, from `from` on and before a number that came. */
function missingBetween(from: MessageNumber, { number, after }: ArrivedNumber): readonly MissingSpan[] {
  if (from.run >= number.run) return from.run > number.run ? [] : gap(from, number.n - 1)
  if (number.n > 1) return [...gap(from, openEnd), ...gap({ run: number.run, n: 1 }, number.n - 1)]
  return after === undefined ? [] : missingUpTo(from, after)
}

function missingUpTo(from: MessageNumber, last: MessageNumber): readonly MissingSpan[] {
  if (from.run >= last.run) return from.run > last.run ? [] : gap(from, last.n)
  return [...gap(from, openEnd), ...gap({ run: last.run, n: 1 }, last.n)]
}

function gap({ run, n }: MessageNumber, last: number): readonly MissingSpan[] {
  return n <= last ? [{ run, first: n, last, gone: false }] : []
}

function split(span: MissingSpan, { n }: MessageNumber): readonly MissingSpan[] {
  const parts: MissingSpan[] = []
  if (span.first < n) parts.push({ ...span, last: n - 1 })
  if (span.last > n) parts.push({ ...span, first: n + 1 })
  return parts
}

function splitOpen({ run, first }: MissingSpan, arrived: ArrivedNumber): readonly MissingSpan[] {
  const { number } = arrived
  return [
    ...missingBetween({ run, n: first }, arrived),
    ...gap({ run: number.run, n: number.n + 1 }, openEnd),
  ]
}

/** The first number of a run has come: now the end of an open gap before it is known. */
function closeLast(before: readonly MissingSpan[], { number, after }: ArrivedNumber): readonly MissingSpan[] {
  const last = before.at(-1)
  if (number.n > 1 || last === undefined || !isOpen(last)) return before
  const known = after === undefined ? [] : missingUpTo({ run: last.run, n: last.first }, after)
  return [...before.slice(0, -1), ...known]
}

/**
 * At most 1,000 gaps a device: the oldest two of one run become one. Where each is of another run, the oldest two become an open one: what a
 * receipt must not cover stays uncovered.
 */
function merged(spans: readonly MissingSpan[]): readonly MissingSpan[] {
  const all = [...spans]
  while (all.length > limits.gaps) {
    const at = Math.max(
      0,
      all.findIndex((one, i) => one.run === all[i + 1]?.run),
    )
    const [a, b] = all.slice(at, at + 2)
    if (a === undefined || b === undefined) break
    const last = a.run === b.run ? b.last : openEnd
    all.splice(at, 2, { ...a, last, gone: a.gone && b.gone })
  }
  return all
}
