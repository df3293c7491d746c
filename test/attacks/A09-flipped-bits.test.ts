import { ed25519 } from '@noble/curves/ed25519.js'
import { build, type Plugin } from 'esbuild'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { assert, test } from '#test'
import {
  SottoError,
  decodeSigned,
  encodeSigned,
  extendChain,
  labels,
  loginProofBytes,
  preKeyKinds,
  signObject,
  verifyObject,
  verifyPreKey,
  verifySignature,
  type ErrorCode,
  type Signed,
} from '@sotto/protocol'
import {
  alice,
  chainOf,
  deviceNo,
  extended,
  filled,
  idOf,
  now,
  ownerNo,
  realm,
  signedBy,
  signedPreKey,
  signerNo,
  signingPair,
} from '../protocol/made.js'
import { refuses } from '../protocol/refuses.js'

/** Signed objects with what verifies them: of two signers and of one, with every field there is. */
async function signedObjects(): Promise<
  readonly (readonly [name: string, object: Signed, verify: (object: Signed) => unknown])[]
> {
  const first = await chainOf('alice', 1)
  const second = await extended(first, { devices: [deviceNo(1), deviceNo(2)] }, [signerNo(1), signerNo(2)])
  const owner = ownerNo(first, 1)
  return [
    ['a second list', second.head, (object) => extendChain(first, object)],
    [
      'a signed prekey',
      await signedBy(signedPreKey(first, 1), 1),
      (object) => verifyPreKey(object, owner, preKeyKinds.signed, now),
    ],
  ]
}

/** What may be said about a spoilt object. Most say `bad-signature`; what no longer decodes or is about somebody else is refused before. */
const codes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'bad-signature',
  'malformed',
  'unsupported-version',
  'too-large',
  'device-list-rejected',
])

for (const index of [0, 1]) {
  test(`A09 no bit of a signed object can be another one, in what is signed, by whom, or how (${index + 1} of 2)`, async () => {
    const [name, object, verify] = (await signedObjects())[index] ?? []
    if (name === undefined || object === undefined || verify === undefined) throw new Error('two objects')
    const encoded = encodeSigned(object)
    verify(decodeSigned(encoded))
    const said = new Map<ErrorCode, number>()
    for (let bit = 0; bit < 8 * encoded.length; bit++) {
      const spoilt = encoded.slice()
      spoilt[bit >> 3] = (spoilt[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      try {
        verify(decodeSigned(spoilt))
        assert.fail(`${name} with bit ${bit} flipped was taken`)
      } catch (error) {
        if (!SottoError.is(error)) throw error
        assert.isTrue(codes.has(error.code), `${error.code} for bit ${bit}`)
        said.set(error.code, (said.get(error.code) ?? 0) + 1)
      }
    }
    // Each of the 512 bits of a signature at least, and of every key and id that is signed.
    assert.isAbove(said.get('bad-signature') ?? 0, 512 + 8 * 64)
  })
}

test('A09 no bit of a login’s proof can be another one', async () => {
  const proof = {
    realm,
    relay: 'https://relay.example.com',
    accountId: alice.accountId,
    device: alice.device,
    epoch: 3,
    nonce: filled(32, 1),
    tokenHash: filled(32, 2),
    sends: 5,
  }
  const { publicKey, sign } = signingPair(1)
  const message = loginProofBytes(proof)
  const signature = await sign(message)
  assert.isTrue(verifySignature(publicKey, message, signature))
  for (const bytes of [message, signature]) {
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      assert.isFalse(verifySignature(publicKey, message, signature))
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    }
  }
  assert.isTrue(verifySignature(publicKey, message, signature))
})

const forged: Signed = {
  bytes: filled(9, 1),
  signed: [{ by: filled(16, 1), signatures: [{ alg: 1, bytes: filled(64, 7) }] }],
}
const required = new Map([[idOf(1), signingPair(1).publicKey]])

test('A09 a platform whose verify answers true, undefined or not at all is not asked', async () => {
  const genuine = await signObject(labels.preKey, filled(9, 1), [signerNo(1)])
  const { subtle } = globalThis.crypto
  const own = Object.getOwnPropertyDescriptor(subtle, 'verify')
  let asked = 0
  for (const answer of [true, undefined, false, new Promise(() => undefined)]) {
    const verify = () => {
      asked++
      return Promise.resolve(answer)
    }
    Object.defineProperty(subtle, 'verify', { value: verify, configurable: true })
    try {
      verifyObject(labels.preKey, genuine, required)
      refuses(() => verifyObject(labels.preKey, forged, required), 'bad-signature')
    } finally {
      if (own === undefined) Reflect.deleteProperty(subtle, 'verify')
      else Object.defineProperty(subtle, 'verify', own)
    }
  }
  assert.equal(asked, 0)
})

test('A09 the verifier cannot be exchanged on the page: the curve is frozen, and verifying answers a boolean', () => {
  assert.isTrue(Object.isFrozen(ed25519))
  assert.throws(() => Object.assign(ed25519, { verify: () => true }))
  for (const bytes of [filled(64, 0), filled(64, 0xff), filled(3, 1), undefined, null, 'x'] as Uint8Array[]) {
    assert.strictEqual(verifySignature(signingPair(1).publicKey, filled(1, 1), filled(64, 3)), false)
    assert.strictEqual(verifySignature(filled(32, 1), bytes, filled(64, 3)), false)
  }
})

/** `verifyObject` as it stands, over a verifier that answers what it should not. */
async function verifyObjectOver(answer: string): Promise<typeof verifyObject> {
  const substitute: Plugin = {
    name: 'another-verifier',
    setup(build) {
      build.onLoad({ filter: /signatures\.ts$/ }, () => ({
        contents: `export const verifySignature = () => ${answer}`,
        loader: 'js',
      }))
    },
  }
  const folder = await mkdtemp(join(tmpdir(), 'sotto-a09-'))
  try {
    const entryPoint = fileURLToPath(new URL('../../packages/protocol/src/verify-object.ts', import.meta.url))
    const { outputFiles } = await build({
      entryPoints: [entryPoint],
      bundle: true,
      format: 'esm',
      platform: 'node',
      write: false,
      plugins: [substitute],
    })
    const file = join(folder, 'verify-object.mjs')
    await writeFile(file, outputFiles[0]?.contents ?? '')
    const built = (await import(pathToFileURL(file).href)) as { readonly verifyObject: typeof verifyObject }
    return built.verifyObject
  } finally {
    await rm(folder, { recursive: true })
  }
}

test('A09 control: over a verifier that answers true, what nobody signed passes', async () => {
  const verify = await verifyObjectOver('true')
  verify(labels.preKey, forged, required)
})

test('A09 a verifier’s answer that is not true itself is no: undefined, a number, a text, an object, a promise of true', async () => {
  for (const answer of [
    'undefined',
    'null',
    'false',
    '1',
    '"true"',
    '({})',
    '[]',
    'new Boolean(true)',
    'Promise.resolve(true)',
  ]) {
    const verify = await verifyObjectOver(answer)
    refuses(() => verify(labels.preKey, forged, required), 'bad-signature')
  }
})
