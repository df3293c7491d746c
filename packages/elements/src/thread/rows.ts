import type { CallItem, Gap, TextMessage, ThreadItem, UnknownMessage } from '@sotto/core'

/** Messages of one sender that follow each other within this time stand together: 5 minutes. */
const togetherMs = 5 * 60_000

export interface MessageRow {
  readonly kind: 'message'
  readonly key: string
  readonly item: TextMessage | UnknownMessage
  /** Stands together with the message above, or below. */
  readonly joinsAbove: boolean
  readonly joinsBelow: boolean
}

/** What stands in a thread, line by line. Keys are never given to another row. */
export type Row =
  | { readonly kind: 'beginning'; readonly key: string }
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  | { readonly kind: 'divider'; readonly key: string; readonly count: number }
  | { readonly kind: 'gap'; readonly key: string; readonly item: Gap }
  | { readonly kind: 'call'; readonly key: string; readonly item: CallItem }
  | MessageRow

interface Surroundings {
  /** Whether the first item is the first of all: only then the day above it is known to begin there. */
  readonly complete: boolean
  /** The item above which the unread ones are announced. */
  readonly divider: { readonly key: string; readonly count: number } | undefined
}

/**
 * The rows of a thread. A row's height depends on what follows it and never on what stands above it, so that earlier messages can be put
 * on top without moving anything. For the same reason the first day is named only when nothing can come before it.
 */
export function toRows(items: readonly ThreadItem[], { complete, divider }: Surroundings): Row[] {
  const rows: Row[] = complete ? [{ kind: 'beginning', key: 'beginning' }] : []
  const days = new Days()
  let above: ThreadItem | undefined
  let joinsAbove = false
  for (const [i, item] of items.entries()) {
    const newDay = days.begins(item.at)
    if (newDay && (complete || above !== undefined))
      rows.push({ kind: 'day', key: `day ${item.key}`, at: item.at })
    if (item.key === divider?.key)
      rows.push({ kind: 'divider', key: `divider ${item.key}`, count: divider.count })
    if (item.kind === 'gap') {
      rows.push({ kind: 'gap', key: item.key, item })
      joinsAbove = false
    } else if (item.kind === 'call') {
      rows.push({ kind: 'call', key: item.key, item })
      joinsAbove = false
    } else {
      const below = items[i + 1]
      const joinsBelow =
        below !== undefined && below.key !== divider?.key && !days.parts(below.at) && together(item, below)
      rows.push({ kind: 'message', key: item.key, item, joinsAbove, joinsBelow })
      joinsAbove = joinsBelow
    }
    above = item
  }
  return rows
}

function together(item: TextMessage | UnknownMessage, below: ThreadItem): boolean {
  if (
    below.kind === 'gap' ||
    below.kind === 'call' ||
    below.mine !== item.mine ||
    below.at - item.at > togetherMs
  )
    return false
  // What has not been sent says so under itself.
  const state = item.kind === 'text' ? item.state?.name : undefined
  return state !== 'failed' && state !== 'waiting'
}

/** Tells days apart without asking the calendar for each of ten thousand messages. */
class Days {
  #from = 0
  #until = 0

  /** Whether `at` is on another day than the last one that was asked for. */
  begins(at: number): boolean {
    if (!this.parts(at)) return false
    this.#from = new Date(at).setHours(0, 0, 0, 0)
    this.#until = new Date(at).setHours(24, 0, 0, 0)
    return true
  }

  parts(at: number): boolean {
    return at < this.#from || at >= this.#until
  }
}
