import { test, assert } from '#test'
import { parse } from './support/sources.js'
import { namesIn, testNames } from './support/test-names.js'

/** The attacks of docs/threat-model.md that this version answers. */
const rows =
  'A01 A02 A03 A04 A05 A06 A07 A08 A09 A10 A11 A12 A13 A18 A19 B01 B02 B03 B04 B05 B06 B07 B08 B09 B10 B11 B12 B13 B15 B17 B24 B25 D05 D06 D07 D08 D10 E01 E02 E03 E06 E07 E11 E12 G01 G02 G03 G04 G05'

const names = testNames()

test('every attack that this version answers is a test', () => {
  const without = rows.split(' ').filter((row) => !names.some((name) => new RegExp(`^${row}\\b`).test(name)))
  assert.deepEqual(without, [])
})

test('every fault of the bare library, a to v, is a test that shows it beside what ours does', () => {
  const letters = [...'abcdefghijklmnopqrstuv']
  const without = letters.filter(
    (letter) => !names.some((name) => new RegExp(`^engine ${letter}\\b`).test(name)),
  )
  assert.deepEqual(without, [])
})

test('the names of tests are read from the sources, not from comments', () => {
  const source =
    "// test('A01 no', f)\ntest('B01 plain', f); for (const n of ns) test(`B02 ${n} cut`, f); other('B03 no')"
  assert.deepEqual(namesIn(parse('x.ts', source)), ['B01 plain', 'B02 '])
})
