import { limits, type MessageNumber } from '@sotto/protocol'
import type { ReceiptMark } from '../store/tables.js'
import { compareNumbers } from './numbers.js'

type Span = ReceiptMark['missing'][number]

/** Whether a mark covers a number of ours. */
export function isCovered(mark: ReceiptMark | undefined, number: MessageNumber): boolean {
  if (mark === undefined || compareNumbers(number, mark.upTo) > 0) return false
  return !mark.missing.some((one) => one.run === number.run && one.first <= number.n && number.n <= one.last)
}

/**
 * What either of two marks covers, so that what was delivered to one device of an account stays delivered when another, which lacks it, says
 * how far it is. There is room for 64 gaps: with more, the later mark stands alone.
 */
export function mergeMarks(a: ReceiptMark, b: ReceiptMark): ReceiptMark {
  const [low, high] = compareNumbers(a.upTo, b.upTo) < 0 ? [a, b] : [b, a]
  const missing = high.missing.flatMap((span) => {
    const [below, above] = splitAt(span, low.upTo)
    const inBoth = below === undefined ? [] : low.missing.flatMap((other) => overlap(below, other))
    return above === undefined ? inBoth : [...inBoth, above]
  })
  return missing.length > limits.receiptRanges ? high : { upTo: high.upTo, missing: joined(missing) }
}

/** The part of a gap up to a number, and the part after it. */
function splitAt(
  span: Span,
  { run, n }: MessageNumber,
): readonly [below: Span | undefined, above: Span | undefined] {
  if (span.run < run || (span.run === run && span.last <= n)) return [span, undefined]
  if (span.run > run || span.first > n) return [undefined, span]
  return [
    { ...span, last: n },
    { ...span, first: n + 1 },
  ]
}

function overlap(a: Span, b: Span): readonly Span[] {
  const [first, last] = [Math.max(a.first, b.first), Math.min(a.last, b.last)]
  return a.run === b.run && first <= last ? [{ run: a.run, first, last }] : []
}

/** Gaps that touch are one. */
function joined(spans: readonly Span[]): Span[] {
  const found: Span[] = []
  for (const span of spans) {
    const before = found.at(-1)
    if (before?.run === span.run && before.last + 1 === span.first) {
      found[found.length - 1] = { ...before, last: span.last }
    } else found.push(span)
  }
  return found
}
