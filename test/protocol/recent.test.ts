import { Recent } from '@sotto/protocol'
import { assert, test } from '#test'

/** Makes upper case, and remembers of what it was made. */
function setup(most: number) {
  const recent = new Recent<string>(most)
  const made: string[] = []
  const get = (name: string) =>
    recent.get(name, () => {
      made.push(name)
      return name.toUpperCase()
    })
  return { recent, get, made }
}

test('what was made is given again, and not made again', () => {
  const { get, made } = setup(2)
  assert.deepEqual(['a', 'a', 'b', 'a'].map(get), ['A', 'A', 'B', 'A'])
  assert.deepEqual(made, ['a', 'b'])
})

test('no more is kept than it may keep: what was asked for longest ago goes first', () => {
  const { get, made } = setup(2)
  for (const name of ['a', 'b', 'a', 'c', 'a', 'b']) get(name)
  assert.deepEqual(made, ['a', 'b', 'c', 'b'])
})

test('what cannot be made is not kept', () => {
  const recent = new Recent<string>(2)
  assert.throws(() =>
    recent.get('a', () => {
      throw new Error('not now')
    }),
  )
  assert.equal(
    recent.get('a', () => 'A'),
    'A',
  )
})

test('what is put takes the place of what was there, and is given back', () => {
  const { recent, get, made } = setup(2)
  get('a')
  assert.equal(recent.put('a', 'other'), 'other')
  assert.equal(get('a'), 'other')
  assert.deepEqual(made, ['a'])
})
