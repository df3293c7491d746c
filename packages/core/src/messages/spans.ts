import type { NumberRange } from '@sotto/protocol'

/** What is left of a stretch of numbers of one run without some of them. */
export function spansWithout(range: NumberRange, without: readonly number[]): readonly NumberRange[] {
  const spans: NumberRange[] = []
  let { first } = range
  for (const n of [...without].sort((a, b) => a - b)) {
    if (n < first || n > range.last) continue
    if (n > first) spans.push({ ...range, first, last: n - 1 })
    first = n + 1
  }
  return first > range.last ? spans : [...spans, { ...range, first }]
}
