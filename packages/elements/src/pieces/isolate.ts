const directionMarks = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu
const longest = 64

/**
 * A name as it may stand in a sentence: not endlessly long, and what is not plain Latin wrapped in marks (FSI, PDI) that keep its
 * direction from turning the words around it. Marks inside the name would do just that, so they go.
 */
export function isolate(name: string): string {
  const clean = name.replace(directionMarks, '').trim()
  const short = [...clean].length > longest ? `${[...clean].slice(0, longest).join('')}…` : clean
  return /^[\x20-\x7e\u00a0-\u024f…]*$/.test(short) ? short : `\u2068${short}\u2069`
}
