import { assert, test } from '#test'
import { memoryStore } from '@sotto/core/memory'
import { SottoError } from '@sotto/protocol'
import { createSignalCipher } from '@sotto/signal'
import { connect } from 'sotto'

/** Runs `work` while the platform has no WebCrypto, or half of it. */
async function without(crypto: unknown, work: () => Promise<unknown>): Promise<unknown> {
  const real = Object.getOwnPropertyDescriptor(globalThis, 'crypto')
  Object.defineProperty(globalThis, 'crypto', { value: crypto, configurable: true })
  try {
    await work()
    return undefined
  } catch (error) {
    return error
  } finally {
    if (real !== undefined) Object.defineProperty(globalThis, 'crypto', real)
  }
}

const open = () =>
  connect({
    account: 'alice',
    realm: 'example.com',
    relay: 'http://localhost:9',
    token: () => Promise.resolve(''),
    store: memoryStore(),
  })

test('A11 control: with WebCrypto a cipher and a client are made', async () => {
  assert.equal((await createSignalCipher()).suite, 1)
  await (await open()).close()
})

for (const [what, crypto] of [
  ['nothing', undefined],
  ['no subtle, as outside a secure context', { getRandomValues: (bytes: Uint8Array) => bytes }],
] as const) {
  test(`A11 where WebCrypto is ${what}, nothing is started`, async () => {
    const error = await without(crypto, createSignalCipher)
    assert.isTrue(SottoError.is(error, 'no-crypto'), String(error))
    const refused = await without(crypto, open)
    assert.isTrue(SottoError.is(refused, 'no-crypto'), String(refused))
  })
}

test('A11 a polyfill that comes late changes nothing for a cipher that was made before it', async () => {
  const cipher = await createSignalCipher()
  const weak = {
    ...globalThis.crypto,
    getRandomValues: (bytes: Uint8Array) => bytes.fill(7),
    subtle: globalThis.crypto.subtle,
  }
  const keys: string[] = []
  const error = await without(weak, async () => {
    for (const { publicKey } of await cipher.generate('prekey', 2)) keys.push(publicKey.join())
  })
  assert.isUndefined(error)
  assert.equal(new Set(keys).size, 2)
})
