import { isEmoji, shownLength } from './message-text.js'
import type { Row } from './rows.js'

const line = 20
const bubblePadding = 16
const meta = 24
const lettersPerLine = 48

/** About how high a row will be, in pixels: what is not rendered yet has to have a place. */
export function estimateHeight(row: Row): number {
  if (row.kind === 'beginning') return 72
  if (row.kind !== 'message') return 48
  const below = row.joinsBelow ? 2 : meta
  if (row.item.kind === 'unknown') return 2 * line + bubblePadding + below
  const { text } = row.item
  if (isEmoji(text)) return 60 + below
  let lines = 0
  for (const part of text.slice(0, shownLength(text)).split('\n'))
    lines += Math.max(1, Math.ceil(part.length / lettersPerLine))
  return lines * line + bubblePadding + below
}
