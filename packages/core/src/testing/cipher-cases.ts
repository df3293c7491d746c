import { SottoError, equalBytes, utf8 } from '@sotto/protocol'
import type {
  KeyPolicy,
  OwnKey,
  OwnKeys,
  OwnPreKey,
  Session,
  SessionCipher,
  VerifiedBundle,
} from '../ports/index.js'
import { expect, expectEqual, type Case } from './case.js'

/** One side of a session: its keys, and its state, which moves on when a call has succeeded. */
class Side {
  readonly identity: OwnKey
  readonly signedPreKey: OwnPreKey
  readonly preKey: OwnPreKey
  session: Session | undefined
  readonly #cipher: SessionCipher

  constructor(cipher: SessionCipher, keys: readonly [OwnKey, OwnKey, OwnKey]) {
    this.#cipher = cipher
    this.identity = keys[0]
    this.signedPreKey = { ...keys[1], id: 7 }
    this.preKey = { ...keys[2], id: 9 }
  }

  static async make(cipher: SessionCipher, policy?: KeyPolicy): Promise<Side> {
    const [[identity], [signed], [one]] = await Promise.all([
      cipher.generate('identity', 1, policy),
      cipher.generate('signed-prekey', 1, policy),
      cipher.generate('prekey', 1, policy),
    ])
    expect(identity !== undefined && signed !== undefined && one !== undefined, 'a key of each kind')
    return new Side(cipher, [identity, signed, one])
  }

  bundle(preKey = true): VerifiedBundle {
    const { identity, signedPreKey, preKey: one } = this
    const bundle = {
      identityKey: identity.publicKey,
      signedPreKey: { id: signedPreKey.id, key: signedPreKey.publicKey },
    }
    return preKey ? { ...bundle, preKey: { id: one.id, key: one.publicKey } } : bundle
  }

  async establish(bundle: VerifiedBundle): Promise<Uint8Array> {
    const { session, baseKey } = await this.#cipher.establish({ identity: this.identity }, bundle)
    this.session = session
    return baseKey
  }

  async encrypt(text: string): Promise<Uint8Array> {
    expect(this.session !== undefined, 'a session')
    const state = { session: this.session, ours: { identity: this.identity } }
    const { session, ciphertext } = await this.#cipher.encrypt(state, utf8(text))
    this.session = session
    return ciphertext
  }

  async decrypt(ciphertext: Uint8Array, from: Side, keys: Partial<OwnKeys> = {}) {
    const { identity, signedPreKey, preKey, session } = this
    const ours = { identity, signedPreKey, preKey, ...keys }
    const theirs = { identityKey: from.identity.publicKey }
    const state = session === undefined ? { ours, theirs } : { session, ours, theirs }
    const result = await this.#cipher.decrypt(state, ciphertext)
    this.session = result.session
    return { text: new TextDecoder().decode(result.plaintext), usedPreKey: result.usedPreKey }
  }
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    expect(SottoError.is(error), 'an error of ours')
    return error.code
  }
  return 'none'
}

/** What a `SessionCipher` promises, with keys of either policy. */
export function cipherCases(
  make: () => Promise<SessionCipher>,
  policies: readonly KeyPolicy[] = ['crypto-key', 'wrapped'],
): readonly Case[] {
  const cases: Case[] = []
  const add = (name: string, run: (a: Side, b: Side, cipher: SessionCipher) => Promise<void>) => {
    for (const policy of policies) {
      cases.push({
        name: `${name} (${policy})`,
        async run() {
          const cipher = await make()
          await run(await Side.make(cipher, policy), await Side.make(cipher, policy), cipher)
        },
      })
    }
  }

  add(
    'makes as many keys as are asked for, none twice, private halves as the policy says',
    async (a, _b, cipher) => {
      const policy = a.identity.privateKey instanceof Uint8Array ? 'wrapped' : 'crypto-key'
      const keys = await cipher.generate('prekey', 5, policy)
      expectEqual(new Set(keys.map(({ publicKey }) => publicKey.join())).size, 5, 'the number of keys')
      for (const { publicKey, privateKey } of keys) {
        expectEqual(publicKey.length, 32, 'the length of a public key')
        if (policy === 'wrapped')
          expect(privateKey instanceof Uint8Array && privateKey.length === 48, 'PKCS#8')
        else
          expect(privateKey instanceof CryptoKey && !privateKey.extractable, 'a key that cannot be extracted')
      }
    },
  )

  add('carries messages both ways, from the first on', async (a, b, cipher) => {
    const baseKey = await a.establish(b.bundle())
    const first = await a.encrypt('one')
    const header = cipher.inspect(first)
    expect(header.kind === 'first', 'a first message')
    expectEqual([header.baseKey, header.identityKey], [baseKey, a.identity.publicKey], 'its keys')
    expectEqual([header.signedPreKeyId, header.preKeyId], [7, 9], 'its prekeys')
    expectEqual(await b.decrypt(first, a), { text: 'one', usedPreKey: 9 }, 'the first message')
    const answer = await b.encrypt('two')
    expectEqual(cipher.inspect(answer).kind, 'later', 'the kind of an answer')
    expectEqual((await a.decrypt(answer, b)).text, 'two', 'the answer')
    const later = await a.encrypt('three')
    expectEqual(cipher.inspect(later).kind, 'later', 'the kind of a message after the answer')
    expectEqual(await b.decrypt(later, a), { text: 'three', usedPreKey: undefined }, 'the third message')
  })

  add('starts without a one-time prekey', async (a, b, cipher) => {
    await a.establish(b.bundle(false))
    const first = await a.encrypt('one')
    const header = cipher.inspect(first)
    expect(
      header.kind === 'first' && header.preKeyId === undefined,
      'a first message without a one-time prekey',
    )
    const { identity, signedPreKey } = b
    const theirs = { identityKey: a.identity.publicKey }
    const read = await cipher.decrypt({ ours: { identity, signedPreKey }, theirs }, first)
    expectEqual([read.plaintext, read.usedPreKey], [utf8('one'), undefined], 'the first message')
  })

  add('says again what the session needs until it was answered', async (a, b, cipher) => {
    await a.establish(b.bundle())
    const sent = [await a.encrypt('one'), await a.encrypt('two'), await a.encrypt('three')]
    for (const one of sent) expectEqual(cipher.inspect(one).kind, 'first', 'the kind')
    expectEqual((await b.decrypt(sent[1] ?? utf8(''), a)).text, 'two', 'the second, read first')
    expectEqual((await b.decrypt(sent[0] ?? utf8(''), a)).text, 'one', 'the first, read second')
    expectEqual((await b.decrypt(sent[2] ?? utf8(''), a)).text, 'three', 'the third')
  })

  add('reads what comes out of order, and nothing twice', async (a, b) => {
    await a.establish(b.bundle())
    await b.decrypt(await a.encrypt('hello'), a)
    await a.decrypt(await b.encrypt('hello'), b)
    const texts = Array.from({ length: 20 }, (_, i) => `message ${String(i)}`)
    const sent: Uint8Array[] = []
    for (const text of texts) sent.push(await a.encrypt(text))
    for (let i = 0; i < 20; i++) {
      const place = (i * 7) % 20
      const read = await b.decrypt(sent[place] ?? utf8(''), a)
      expectEqual(read.text, texts[place], 'a message')
    }
    for (const one of sent) expect((await codeOf(b.decrypt(one, a))) !== 'none', 'a repeat to be refused')
  })

  add(
    'changes nothing on a failure: the same state reads the true message after any forgery',
    async (a, b) => {
      await a.establish(b.bundle())
      await b.decrypt(await a.encrypt('hello'), a)
      const before = b.session
      const good = await a.encrypt('good')
      const copy = before?.slice()
      for (let i = 0; i < good.length; i++) {
        const forged = good.slice()
        forged[i] = (forged[i] ?? 0) ^ 0x10
        const code = await codeOf(b.decrypt(forged, a))
        const known = ['malformed', 'undecryptable', 'too-far-ahead', 'identity-mismatch', 'unknown-prekey']
        expect(known.includes(code), `one of the port’s codes, not ${code}`)
        expect(b.session === before, 'no new state')
      }
      expect(
        before !== undefined && copy !== undefined && equalBytes(before, copy),
        'the state to be untouched',
      )
      expectEqual((await b.decrypt(good, a)).text, 'good', 'the true message')
    },
  )

  add('works from stored state: every call’s state is bytes of its own', async (a, b) => {
    await a.establish(b.bundle())
    await b.decrypt(await a.encrypt('hello'), a)
    const restored = structuredClone(b.session)
    const [first, second] = [await a.encrypt('one'), await a.encrypt('two')]
    expectEqual((await b.decrypt(first, a)).text, 'one', 'the first')
    // A crash before the commit: the older state reads it again.
    b.session = restored
    expectEqual((await b.decrypt(first, a)).text, 'one', 'the first, read again from the older state')
    expectEqual((await b.decrypt(second, a)).text, 'two', 'the second')
  })

  add(
    'refuses a first message for another identity, of another, or with prekeys that are gone',
    async (a, b, cipher) => {
      const c = await Side.make(cipher)
      await a.establish(b.bundle())
      const first = await a.encrypt('one')
      expectEqual(
        await codeOf(b.decrypt(first, c)),
        'identity-mismatch',
        'a first message said to be another’s',
      )
      const { identity } = b
      const theirs = { identityKey: a.identity.publicKey }
      expectEqual(
        await codeOf(cipher.decrypt({ ours: { identity }, theirs }, first)),
        'unknown-prekey',
        'a message to prekeys that are gone',
      )
      const signedOnly = { identity, signedPreKey: b.signedPreKey }
      expectEqual(
        await codeOf(cipher.decrypt({ ours: signedOnly, theirs }, first)),
        'unknown-prekey',
        'a message to a one-time prekey that is gone',
      )
      expect((await codeOf(c.decrypt(first, a))) !== 'none', 'somebody else not to read it')
      expectEqual((await b.decrypt(first, a)).text, 'one', 'the message')
    },
  )

  add('refuses a bundle with a key of small order', async (a, b) => {
    const zero = new Uint8Array(32)
    const { identityKey, signedPreKey, preKey } = b.bundle()
    expect(preKey !== undefined, 'a one-time prekey')
    const bad: VerifiedBundle[] = [
      { identityKey: zero, signedPreKey, preKey },
      { identityKey, signedPreKey: { ...signedPreKey, key: zero }, preKey },
      { identityKey, signedPreKey, preKey: { ...preKey, key: zero } },
    ]
    for (const bundle of bad) expectEqual(await codeOf(a.establish(bundle)), 'malformed', 'the code')
  })

  add('throws malformed for what is no ciphertext, without any cryptography', async (_a, _b, cipher) => {
    for (const bytes of [new Uint8Array(0), utf8('hello'), new Uint8Array(200)]) {
      let code = 'none'
      try {
        cipher.inspect(bytes)
      } catch (error) {
        code = SottoError.is(error) ? error.code : 'another error'
      }
      expectEqual(code, 'malformed', 'the code')
    }
    return Promise.resolve()
  })

  return cases
}
