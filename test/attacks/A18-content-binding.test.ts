import { assert, test } from '#test'
import { SottoError, type Content, type ErrorCode } from '@sotto/protocol'
import { checkContent } from '../../packages/core/src/messages/check-content.js'
import {
  contentTypes,
  encodeContent,
  emptyExt,
  encodeBodyOf,
  pairOf,
  randomBytes,
  referenceTo,
  textBody,
  toHex,
} from '@sotto/protocol'
import { createSignalCipher } from '@sotto/signal'
import { Mallory } from '../support/mallory.js'

const cipher = await createSignalCipher()
const [alice, bob, carol] = await Promise.all(
  ['alice', 'bob', 'carol'].map((name) => Mallory.make(cipher, 'example.com', name)),
)
if (alice === undefined || bob === undefined || carol === undefined) throw new Error('three are needed')
const session = 'ab'.repeat(16)

const good: Content = {
  header: {
    from: alice.own.address,
    to: bob.own.address,
    conversation: pairOf(alice.own.address, bob.own.address),
    messageId: toHex(randomBytes(16)),
    number: { run: 1, n: 1 },
    since: { run: 1, n: 1 },
    session,
    lists: [referenceTo(alice.chain), referenceTo(bob.chain)].sort((a, b) =>
      a.accountId < b.accountId ? -1 : 1,
    ),
    clock: { ms: 1, logical: 0 },
    frankingKey: randomBytes(32),
    shownIfUnknown: true,
    ext: emptyExt,
  },
  type: 1,
  body: encodeBodyOf(textBody, { text: 'hello', ranges: [], ext: emptyExt }),
}

const from = {
  address: alice.own.address,
  identityKey: alice.own.identity.publicKey,
  signingKey: alice.chain.list.devices[0]?.signingKey.bytes ?? new Uint8Array(),
}
const read = (content: Content) => checkContent(encodeContent(content), { own: bob.own, from, session })
const header = (change: Partial<Content['header']>): Content => ({
  ...good,
  header: { ...good.header, ...change },
})

function unnumbered({ header: { number: _number, since: _since, ...rest }, ...content }: Content): Content {
  return { ...content, header: rest }
}

test('A18 control: a content that is what the session says is taken', () => {
  assert.equal(read(good).peer.account, 'alice')
  assert.equal(read({ ...unnumbered(good), type: contentTypes.receipt.type }).peer.account, 'alice')
})

const misbound: readonly (readonly [string, Content, ErrorCode])[] = [
  [
    'another sender’s account',
    header({ from: { ...alice.own.address, account: 'carol' } }),
    'wrong-conversation',
  ],
  [
    'another sender’s device',
    header({ from: { ...alice.own.address, device: 'cd'.repeat(16) } }),
    'wrong-sender',
  ],
  [
    'another recipient’s device',
    header({ to: { ...bob.own.address, device: 'cd'.repeat(16) } }),
    'wrong-recipient',
  ],
  [
    'another realm',
    header({
      from: { ...alice.own.address, realm: 'evil.example' },
      to: { ...bob.own.address, realm: 'evil.example' },
    }),
    'wrong-sender',
  ],
  [
    'a conversation of others',
    header({ conversation: pairOf(alice.own.address, carol.own.address) }),
    'wrong-conversation',
  ],
  ['no number, though texts have one', unnumbered(good), 'malformed'],
  ['a number, though receipts have none', { ...good, type: contentTypes.receipt.type }, 'malformed'],
  ['another session', header({ session: 'cd'.repeat(16) }), 'session-refused'],
]

for (const [what, content, code] of misbound) {
  test(`A18 a content that names ${what} is refused`, () => {
    let error: unknown
    try {
      read(content)
    } catch (cause) {
      error = cause
    }
    assert.isTrue(SottoError.is(error, code), String(error))
  })
}
