import type { CallMedia } from '@sotto/protocol'
import { assert, test } from '#test'
import { codeOf } from '../support/code-of.js'
import { connected, ends } from '../support/peer-ends.js'

type Side = 'caller' | 'answering'

/** Another certificate's fingerprint: as valid as any. */
const other = Array.from({ length: 32 }, (_, i) => i.toString(16).padStart(2, '0').toUpperCase()).join(':')

/** What somebody makes of a description who can rewrite it. */
const attacks: readonly (readonly [what: string, rewrite: (sdp: string) => string])[] = [
  ['no fingerprint', (sdp) => sdp.replace(/a=fingerprint:.*\r\n/g, '')],
  [
    'one fingerprint of four',
    (sdp) => sdp.replace(/a=fingerprint:.*\r\n/, `a=fingerprint:sha-256 ${other}\r\n`),
  ],
  [
    'a weak hash',
    (sdp) => sdp.replace(/a=fingerprint:.*\r\n/g, `a=fingerprint:sha-1 ${other.slice(0, 59)}\r\n`),
  ],
  [
    'the other role',
    (sdp) =>
      sdp
        .replace(/a=setup:actpass/g, 'a=setup:active')
        .replace(/a=setup:active\b(?=[\s\S]*a=sctp)/, 'a=setup:holdconn'),
  ],
  ['no role', (sdp) => sdp.replace(/a=setup:.*\r\n/g, '')],
  ['no ICE password', (sdp) => sdp.replace(/a=ice-pwd:.*\r\n/g, '')],
  ['a short ICE password', (sdp) => sdp.replace(/a=ice-pwd:.*\r\n/g, 'a=ice-pwd:short\r\n')],
  [
    'a section more',
    (sdp) => `${sdp}${/m=video[\s\S]*?(?=m=)/.exec(sdp)?.[0].replace('a=mid:1', 'a=mid:4') ?? ''}`,
  ],
  ['a section less', (sdp) => sdp.replace(/m=video[\s\S]*?(?=m=)/, '')],
  [
    'SDES keys',
    (sdp) =>
      sdp.replace(
        /a=mid:0\r\n/,
        'a=mid:0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj\r\n',
      ),
  ],
  ['media in the clear', (sdp) => sdp.replace(/UDP\/TLS\/RTP\/SAVPF/g, 'RTP/AVPF')],
  ['no Opus', (sdp) => sdp.replace(/opus/gi, 'PCMU')],
  ['nothing', () => ''],
  ['no text of the kind', () => 'v=0\r\n'.repeat(100)],
]

const rewriting = (side: Side, rewrite: (sdp: string) => string) => (media: CallMedia, from: Side) =>
  from === side && media.type !== 'candidates' ? { ...media, sdp: rewrite(media.sdp) } : media

test('D05 control: what is passed on as it is connects', async () => {
  const { caller, answering, refused } = await ends(false, (media) => media)
  await connected(caller, answering)
  assert.deepEqual(refused, [])
  caller.close()
  answering.close()
})

for (const side of ['answering', 'caller'] as const) {
  for (const [what, rewrite] of attacks) {
    test(`D05: ${what}, in what the ${side} end describes, is refused, and nothing connects`, async () => {
      const { caller, answering, refused, said } = await ends(false, rewriting(side, rewrite))
      await new Promise((resolve) => setTimeout(resolve, 300))
      assert.include(refused, 'call-refused')
      const target = side === 'answering' ? caller : answering
      assert.equal(target.link.value, 'connecting')
      assert.isUndefined(target.streams.value.remote)
      // Who was asked with a wrong offer answers nothing.
      if (side === 'answering') assert.isFalse(said.some((one) => one.type === 'answer'))
      caller.close()
      answering.close()
    })
  }
}

test('D05: a fingerprint that is rewritten everywhere is another certificate: the connection never comes about', async () => {
  const swap = (sdp: string) => sdp.replace(/a=fingerprint:.*\r\n/g, `a=fingerprint:sha-256 ${other}\r\n`)
  const { caller, answering } = await ends(false, rewriting('answering', swap))
  await new Promise((resolve) => setTimeout(resolve, 4_000))
  assert.notEqual(caller.link.value, 'connected')
  assert.notEqual(answering.link.value, 'connected')
  caller.close()
  answering.close()
})

test('D05: host names as candidates are refused, and the browser never sees them', async () => {
  const seen: string[] = []
  const Real = globalThis.RTCPeerConnection
  globalThis.RTCPeerConnection = class extends Real {
    override addIceCandidate(candidate?: RTCIceCandidateInit | null): Promise<void> {
      seen.push(candidate?.candidate ?? '')
      return super.addIceCandidate(candidate)
    }
  }
  try {
    const rename = (media: CallMedia, from: Side): CallMedia =>
      media.type !== 'candidates' || from !== 'caller'
        ? media
        : {
            ...media,
            candidates: media.candidates.map((one) => ({
              ...one,
              line: one.line.replace(/ \S+ (\d+) typ/, ' attacker.example $1 typ'),
            })),
          }
    const { caller, answering, refused } = await ends(false, rename)
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    assert.include(refused, 'call-refused')
    assert.isAbove(seen.length, 0, 'the control: good ones got through')
    assert.isFalse(seen.some((one) => one.includes('attacker')))
    caller.close()
    answering.close()
  } finally {
    globalThis.RTCPeerConnection = Real
  }
})

test('D05: later descriptions may not bring another certificate', async () => {
  const { caller, answering, said } = await ends(false)
  await connected(caller, answering)
  const [offer] = said.filter((one) => one.type === 'offer')
  const swap = (sdp: string) => sdp.replace(/a=fingerprint:.*\r\n/g, `a=fingerprint:sha-256 ${other}\r\n`)
  const sdp = offer?.type === 'offer' ? swap(offer.sdp) : ''
  const refusal = await codeOf(caller.take({ type: 'offer', sdp }))
  assert.equal(refusal, 'call-refused')
  assert.equal(caller.link.value, 'connected')
  caller.close()
  answering.close()
})
