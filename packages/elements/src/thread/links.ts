import type LinkifyIt from 'linkify-it'

export interface Piece {
  readonly text: string
  /** Where it leads, where it is a link. */
  readonly href?: string
}

const schemes = ['http:', 'https:', 'mailto:']

/** Finds links in plain text, on the reader's side: nothing a sender can say makes one. */
export class Links {
  readonly #linkify: LinkifyIt

  /** Fetches what finds them, which is not needed to show a text. */
  static async fetch(): Promise<Links> {
    const { default: Linkify } = await import('linkify-it')
    return new Links(new Linkify({ fuzzyLink: true, fuzzyEmail: true }))
  }

  private constructor(linkify: LinkifyIt) {
    this.#linkify = linkify.add('ftp:', null as never).add('//', null as never)
  }

  /** The text in pieces, links apart. Together they are the text. */
  split(text: string): Piece[] {
    const pieces: Piece[] = []
    let at = 0
    for (const match of this.#linkify.match(text) ?? []) {
      const href = safe(match.schema === '' ? `https://${match.raw}` : match.url)
      if (href === undefined) continue
      if (match.index > at) pieces.push({ text: text.slice(at, match.index) })
      pieces.push({ text: text.slice(match.index, match.lastIndex), href })
      at = match.lastIndex
    }
    if (at < text.length || text === '') pieces.push({ text: text.slice(at) })
    return pieces
  }
}

/** The address where it is one of the web or of mail, and does not pretend to be another by a name before an `@`. */
function safe(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined
  const url = new URL(address)
  const pretends = url.protocol !== 'mailto:' && (url.username !== '' || url.password !== '')
  return schemes.includes(url.protocol) && !pretends ? url.href : undefined
}
