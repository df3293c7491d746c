/** Makes something of an object once, for as long as the object is there: of a row that a unit of work has read, and asks for with each message. */
export function once<K extends object, T>(make: (of: K) => T): (of: K) => T {
  const made = new WeakMap<K, { readonly of: T }>()
  return (of) => {
    const known = made.get(of) ?? { of: make(of) }
    made.set(of, known)
    return known.of
  }
}
