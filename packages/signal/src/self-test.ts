import { SottoError, check, equalBytes, utf8 } from '@sotto/protocol'
import type { OwnPreKey, SessionCipher, VerifiedBundle } from '@sotto/core/ports'
import type { Engine } from './engine.js'
import { ScratchStore } from './scratch-store.js'
import { bufferOf, typedKey } from './typed-key.js'
import { scriptX25519 } from './x25519.js'

/**
 * Proves, through the library's own way, that this engine on this platform refuses what it must and reads
 * what it should. A library whose check of signatures is turned around, or a platform that computes something
 * else, is not started. Throws `self-check-failed`.
 */
export async function selfTest(engine: Engine, cipher: SessionCipher): Promise<void> {
  try {
    await testAgreement(engine)
    await testBundles(engine)
    await testMessages(cipher)
  } catch (cause) {
    throw new SottoError('self-check-failed', undefined, { cause })
  }
}

/** The platform's X25519 and the one in script come to the same secret. */
async function testAgreement({ x25519 }: Engine): Promise<void> {
  const ours = await x25519.generate({ extractable: true })
  const theirs = await scriptX25519.generate({ extractable: true })
  const one = await x25519.agree(ours.half, theirs.publicKey)
  const other = await scriptX25519.agree(theirs.half, ours.publicKey)
  check(equalBytes(one, other), 'self-check-failed')
}

/** A bundle that was vouched for passes; one with a flipped bit, and one with a key of low order, do not. */
async function testBundles(engine: Engine): Promise<void> {
  const keys = await Promise.all([0, 1, 2].map(() => engine.x25519.generate({ extractable: false })))
  const [ours, identity, signed] = keys
  if (ours === undefined || identity === undefined || signed === undefined)
    throw new SottoError('self-check-failed')
  const store = new ScratchStore({ identity: engine.handles.handOver(ours.half, ours.publicKey) })
  const start = (signedPreKey: Uint8Array, signature: Uint8Array) =>
    new engine.library.SessionBuilder(store, engine.scratchAddress()).processPreKey({
      identityKey: typedKey(identity.publicKey),
      registrationId: 0,
      signedPreKey: { keyId: 1, publicKey: typedKey(signedPreKey), signature: bufferOf(signature) },
    })
  const vouch = (key: Uint8Array) => new Uint8Array(engine.curve.endorse(identity.publicKey, typedKey(key)))

  await start(signed.publicKey, vouch(signed.publicKey))
  check(store.record !== undefined, 'self-check-failed')
  const flipped = vouch(signed.publicKey)
  flipped[0] = (flipped[0] ?? 0) ^ 1
  await mustThrow(() => start(signed.publicKey, flipped))
  await mustThrow(() => start(identity.publicKey, vouch(signed.publicKey)))
  const zero = new Uint8Array(32)
  await mustThrow(() => start(zero, vouch(zero)))
}

/** A first message, an answer, and nothing for a message with a flipped bit. */
async function testMessages(cipher: SessionCipher): Promise<void> {
  const [alice, bob] = await cipher.generate('identity', 2)
  const [signedKey] = await cipher.generate('signed-prekey', 1)
  const [oneTimeKey] = await cipher.generate('prekey', 1)
  if (!alice || !bob || !signedKey || !oneTimeKey) throw new SottoError('self-check-failed')
  const signedPreKey: OwnPreKey = { ...signedKey, id: 1 }
  const preKey: OwnPreKey = { ...oneTimeKey, id: 2 }
  const bundle: VerifiedBundle = {
    identityKey: bob.publicKey,
    signedPreKey: { id: signedPreKey.id, key: signedPreKey.publicKey },
    preKey: { id: preKey.id, key: preKey.publicKey },
  }
  const started = await cipher.establish({ identity: alice }, bundle)
  const first = await cipher.encrypt({ session: started.session, ours: { identity: alice } }, utf8('first'))
  const toBob = { ours: { identity: bob, signedPreKey, preKey }, theirs: { identityKey: alice.publicKey } }
  const flipped = first.ciphertext.slice()
  flipped[flipped.length - 1] = (flipped[flipped.length - 1] ?? 0) ^ 1
  await mustThrow(() => cipher.decrypt(toBob, flipped))
  const read = await cipher.decrypt(toBob, first.ciphertext)
  check(equalBytes(read.plaintext, utf8('first')) && read.usedPreKey === preKey.id, 'self-check-failed')
  const answer = await cipher.encrypt({ session: read.session, ours: { identity: bob } }, utf8('answer'))
  const toAlice = {
    session: first.session,
    ours: { identity: alice },
    theirs: { identityKey: bob.publicKey },
  }
  const answered = await cipher.decrypt(toAlice, answer.ciphertext)
  check(equalBytes(answered.plaintext, utf8('answer')), 'self-check-failed')
}

async function mustThrow(call: () => Promise<unknown>): Promise<void> {
  const threw = await call().then(
    () => false,
    () => true,
  )
  check(threw, 'self-check-failed')
}
