import { test, assert } from '#test'
import { randomBytes } from '@sotto/protocol'
import { Curve } from '../../packages/signal/src/curve.js'
import { Handles } from '../../packages/signal/src/handles.js'
import { createLibraryCrypto } from '../../packages/signal/src/library-crypto.js'
import { checkPrimeOrder, checkPublicKey } from '../../packages/signal/src/public-key.js'
import { bufferOf } from '../../packages/signal/src/typed-key.js'
import { chooseX25519, scriptX25519, webX25519, type X25519 } from '../../packages/signal/src/x25519.js'
import { expectCode } from './expect-code.js'
import { addTorsion, lowOrderKeys, nonCanonicalKeys } from './odd-keys.js'

test('the curve refuses odd keys itself, whatever was checked before it', async () => {
  let agreements = 0
  const counting: X25519 = {
    ...scriptX25519,
    async agree() {
      agreements++
      return randomBytes(32)
    },
  }
  const curve = new Curve(counting, new Handles())
  for (const key of [
    ...lowOrderKeys,
    ...nonCanonicalKeys,
    randomBytes(31),
    new Uint8Array(33).fill(1),
    new Uint8Array(0),
  ]) {
    await expectCode('malformed', () => curve.sharedSecret(bufferOf(key), bufferOf(randomBytes(32))))
  }
  assert.equal(agreements, 0)
})

test('a shared secret of zero, or of another length, is refused', async () => {
  for (const secret of [new Uint8Array(32), new Uint8Array(0), randomBytes(31), randomBytes(33)]) {
    const curve = new Curve({ ...scriptX25519, agree: async () => secret }, new Handles())
    const { publicKey } = await scriptX25519.generate({ extractable: true })
    await expectCode('malformed', () => curve.sharedSecret(bufferOf(publicKey), bufferOf(randomBytes(32))))
  }
})

test('a ratchet key that could not be stored is not used', async () => {
  const generate: X25519['generate'] = async () => ({
    ...(await scriptX25519.generate({ extractable: true })),
    secret: undefined,
  })
  await expectCode('self-check-failed', () =>
    new Curve({ ...scriptX25519, generate }, new Handles()).keyPair(),
  )
})

test('a handle is a key to its own curve, and nothing that can be computed with elsewhere', async () => {
  const [ours, theirs] = [
    await scriptX25519.generate({ extractable: true }),
    await scriptX25519.generate({ extractable: true }),
  ]
  const handles = new Handles()
  const { privKey } = handles.handOver(ours.half, ours.publicKey)
  const publicKey = bufferOf(theirs.publicKey)
  const expected = await scriptX25519.agree(theirs.half, ours.publicKey)
  assert.deepEqual(
    new Uint8Array(await new Curve(scriptX25519, handles).sharedSecret(publicKey, privKey)),
    expected,
  )
  const elsewhere = await new Curve(scriptX25519, new Handles()).sharedSecret(publicKey, privKey)
  assert.notDeepEqual(new Uint8Array(elsewhere), expected)
  const copied = await new Curve(scriptX25519, handles).sharedSecret(publicKey, privKey.slice(0))
  assert.notDeepEqual(new Uint8Array(copied), expected, 'the buffer is the handle, not its bytes')
  assert.notDeepEqual(new Uint8Array(privKey), ours.secret)
})

test('an implementation of X25519 takes only the private halves it made', async () => {
  const { publicKey, half, secret } = await scriptX25519.generate({ extractable: true })
  await expectCode('wrong-argument', () => webX25519.agree(half, publicKey))
  if ((await chooseX25519()) !== webX25519) return
  const key = await webX25519.load(secret ?? new Uint8Array(32))
  await expectCode('wrong-argument', () => scriptX25519.agree(key, publicKey))
})

test('the library can neither sign nor hash: nothing of ours needs it', async () => {
  await expectCode('wrong-argument', () => new Curve(scriptX25519, new Handles()).sign())
  await expectCode('wrong-argument', () =>
    createLibraryCrypto().subtle.digest({ name: 'SHA-512' }, new ArrayBuffer(1)),
  )
})

test('a key of ours passes every check, and another with torsion does not', async () => {
  for (let i = 0; i < 10; i++) {
    const { publicKey } = await scriptX25519.generate({ extractable: true })
    checkPublicKey(publicKey, 'key')
    checkPrimeOrder(publicKey, 'key')
    const alias = addTorsion(publicKey)
    checkPublicKey(alias, 'key')
    await expectCode('malformed', () => checkPrimeOrder(alias, 'key'))
  }
})
