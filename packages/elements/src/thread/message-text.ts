import { rangeKinds, type TextRange } from '@sotto/protocol'
import { html, type TemplateResult } from 'lit'
import type { Links } from './links.js'

const classes: Readonly<Record<number, string>> = {
  [rangeKinds.bold]: 'bold',
  [rangeKinds.italic]: 'italic',
  [rangeKinds.code]: 'code',
  [rangeKinds.strike]: 'strike',
}

/** A text as it is shown: its links made, its ranges styled. It is text all the way; nothing in it is ever read as markup. */
export function messageText(
  text: string,
  ranges: readonly TextRange[],
  links: Links | undefined,
): (string | TemplateResult)[] {
  let at = 0
  return (links?.split(text) ?? [{ text }]).flatMap(({ text: piece, href }) => {
    const parts = styled(piece, at, ranges)
    at += piece.length
    if (href === undefined) return parts
    return [html`<a href=${href} target="_blank" rel="noopener noreferrer" dir="auto">${parts}</a>`]
  })
}

function styled(text: string, offset: number, ranges: readonly TextRange[]): (string | TemplateResult)[] {
  const end = offset + text.length
  const shown = ranges.filter(
    (range) => classes[range.kind] !== undefined && range.start < end && range.start + range.length > offset,
  )
  if (shown.length === 0) return [text]
  const edges = shown
    .flatMap((range) => [range.start, range.start + range.length])
    .filter((edge) => edge > offset && edge < end)
  const cuts = [...new Set([offset, ...edges, end])].sort((a, b) => a - b)
  return cuts.slice(0, -1).map((from, i) => {
    const to = cuts[i + 1] ?? end
    const names = shown
      .filter((range) => range.start <= from && range.start + range.length >= to)
      .map((range) => classes[range.kind])
    const part = text.slice(from - offset, to - offset)
    return names.length === 0 ? part : html`<span class=${names.join(' ')}>${part}</span>`
  })
}

/** Texts longer than this, or of more lines, are shown in part until the person wants all of it. */
const longest = 1600
const mostLines = 24

/** How much of a text is shown at first: all of it, or up to a word's end. In UTF-16 code units. */
export function shownLength(text: string): number {
  let line = -1
  for (let i = 0; i < mostLines; i++) {
    line = text.indexOf('\n', line + 1)
    if (line === -1) break
  }
  const limit = Math.min(line === -1 ? text.length : line, longest)
  // A little more than the limit is not worth a button.
  if (text.length <= limit * 1.1) return text.length
  const space = text.lastIndexOf(' ', limit)
  const cut = space > limit * 0.9 ? space : limit
  return /[\ud800-\udbff]/.test(text[cut - 1] ?? '') ? cut - 1 : cut
}

const emoji =
  /^(?:\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier})?(?:\u200d\p{Extended_Pictographic}\ufe0f?)*|\p{RI}\p{RI}){1,3}$/u

/** Whether a text is nothing but a few emoji, which are shown large. */
export const isEmoji = (text: string): boolean => text.length < 32 && emoji.test(text)
