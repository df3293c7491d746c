/** What failed in a report of tests, one string each: the line that names it, the two after it that begin to say why, and the file's sum. */
export function failuresIn(report) {
  const lines = report.split('\n')
  return lines.flatMap((line, at) => {
    if (line.startsWith('not ok ')) return [line]
    if (!line.startsWith('FAILED: ')) return []
    const reason = lines.slice(at + 1, at + 3).filter((next) => next.startsWith(' '))
    return [[line, ...reason].map((text) => text.slice(0, 300)).join('\n')]
  })
}
