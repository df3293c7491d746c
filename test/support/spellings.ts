/** How a text may stand in a file without being encrypted: each spelling as characters of one byte each. */
export function spellingsOf(text: string): readonly string[] {
  const all = [Buffer.from(text), Buffer.from(text, 'utf16le'), Buffer.from(text, 'utf16le').swap16()]
  const spelled = all.flatMap((one) => [
    one.toString('latin1'),
    one.toString('hex'),
    one.toString('hex').toUpperCase(),
    ...base64(one),
  ])
  return [...new Set(spelled)]
}

/** What is in every base64 text in which the bytes are: their place among its groups of three is not known, so there are three. */
function base64(bytes: Buffer): readonly string[] {
  return [0, 1, 2].flatMap((before) => {
    const padded = Buffer.concat([Buffer.alloc(before), bytes])
    const [from, to] = [Math.ceil((before * 8) / 6), Math.floor((padded.length * 8) / 6)]
    return (['base64', 'base64url'] as const).map((name) => padded.toString(name).slice(from, to))
  })
}
