import type { CallRecord } from '@sotto/core'

export interface Day {
  /** Some time of that day, in milliseconds since 1970. */
  readonly at: number
  readonly records: readonly CallRecord[]
}

/** Records that follow each other, put together where they are of one day by the calendar here. */
export function byDay(records: readonly CallRecord[]): readonly Day[] {
  const days: { at: number; records: CallRecord[] }[] = []
  const dayOf = (at: number) => new Date(at).setHours(0, 0, 0, 0)
  for (const record of records) {
    const { at } = record.item
    const last = days.at(-1)
    if (last !== undefined && dayOf(last.at) === dayOf(at)) last.records.push(record)
    else days.push({ at, records: [record] })
  }
  return days
}
