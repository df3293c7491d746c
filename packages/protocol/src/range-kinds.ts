/** How a stretch of a text is shown. `start` and `length` count UTF-16 code units. */
export const rangeKinds = Object.freeze({
  bold: 1,
  italic: 2,
  code: 3,
  strike: 4,
  mention: 5,
  link: 6,
} as const)
