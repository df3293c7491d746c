import type { SessionCipher } from '@sotto/core/ports'
import { utf8 } from '@sotto/protocol'
import { test } from '#test'
import type { Library, LibraryAddress, LibraryStorage } from '../../packages/signal/library/library.js'
import { Engine } from '../../packages/signal/src/engine.js'
import { selfTest } from '../../packages/signal/src/self-test.js'
import { SignalCipher } from '../../packages/signal/src/signal-cipher.js'
import { expectCode } from './expect-code.js'

type Decrypt = SessionCipher['decrypt']

/** A cipher that decrypts otherwise from the `nth` success on. */
function spoiltFrom(
  nth: number,
  spoil: (read: Awaited<ReturnType<Decrypt>>) => Awaited<ReturnType<Decrypt>>,
) {
  return (cipher: SessionCipher): Decrypt => {
    let read = 0
    return async (...args) => {
      const result = await cipher.decrypt(...args)
      return ++read >= nth ? spoil(result) : result
    }
  }
}

/** Has a cipher test itself, over a library and by a `decrypt` that may do something else than they should. */
async function tested({
  decrypt = (cipher) => cipher.decrypt.bind(cipher),
  library,
}: {
  readonly decrypt?: (cipher: SessionCipher) => Decrypt
  readonly library?: (library: Library) => Partial<Library>
} = {}) {
  const engine = await Engine.start()
  const cipher = new SignalCipher(engine, Date.now)
  const given: SessionCipher = {
    suite: cipher.suite,
    generate: cipher.generate.bind(cipher),
    inspect: cipher.inspect.bind(cipher),
    establish: cipher.establish.bind(cipher),
    encrypt: cipher.encrypt.bind(cipher),
    decrypt: decrypt(cipher),
  }
  if (library !== undefined)
    Object.assign(engine, { library: { ...engine.library, ...library(engine.library) } })
  await selfTest(engine, given)
}

const noticed = (...fault: Parameters<typeof tested>) =>
  expectCode('self-check-failed', () => tested(...fault))

test('a platform and a library that do as they should pass the test of themselves', () => tested())

for (const [what, nth] of [
  ['the first message', 1],
  ['the answer', 2],
] as const)
  test(`a cipher that reads something else in ${what} is noticed before anything is started`, () =>
    noticed({ decrypt: spoiltFrom(nth, (read) => ({ ...read, plaintext: utf8('other') })) }))

test('a cipher that uses up another prekey than was named is noticed', () =>
  noticed({ decrypt: spoiltFrom(1, (read) => ({ ...read, usedPreKey: 77 })) }))

test('a cipher that reads a message with a flipped bit is noticed', () =>
  noticed({
    decrypt: (cipher) => async (state, ciphertext) => {
      const original = ciphertext.slice()
      original[original.length - 1] = (original.at(-1) ?? 0) ^ 1
      return cipher.decrypt(state, ciphertext).catch(() => cipher.decrypt(state, original))
    },
  }))

test('a library that begins no session with the first good bundle is noticed, although it refuses bad ones', () => {
  let begun = 0
  const library = ({ SessionBuilder: Real }: Library) => ({
    SessionBuilder: class extends Real {
      constructor(storage: LibraryStorage, address: LibraryAddress) {
        super(begun++ === 0 ? forgetful(storage) : storage, address)
      }
    },
  })
  return noticed({ library })
})

/** The same storage, which keeps no session. */
function forgetful(storage: LibraryStorage): LibraryStorage {
  const get = (_: LibraryStorage, name: keyof LibraryStorage): unknown =>
    name === 'storeSession' ? () => Promise.resolve() : storage[name].bind(storage)
  return new Proxy(storage, { get })
}
