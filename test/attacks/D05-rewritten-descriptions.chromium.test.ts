import type { CallDescription, CallMedia } from '@sotto/protocol'
import { assert, test } from '#test'
import { codeOf } from '../support/code-of.js'
import {
  BrowserSpy,
  close,
  connected,
  descriptionOf,
  ends,
  pause,
  type Ends,
  type Side,
} from '../support/peer-ends.js'
import { until } from '../support/until.js'

/** Another certificate's fingerprint: as valid as any. */
const other = Array.from({ length: 32 }, (_, i) => i.toString(16).padStart(2, '0').toUpperCase()).join(':')
const sections = /m=[\s\S]*?(?=m=|$)/g
const sectionsOf = (sdp: string): string[] => sdp.match(sections) ?? []
const replaceSections = (sdp: string, change: (all: string[]) => string[]): string =>
  sdp.slice(0, sdp.indexOf('m=')) + change(sectionsOf(sdp)).join('')
const lines = (name: string, by: string) => (sdp: string) =>
  sdp.replace(new RegExp(`a=${name}:.*\\r\\n`, 'g'), by)
const oneLine = (name: string, by: string) => (sdp: string) =>
  sdp.replace(new RegExp(`a=${name}:.*\\r\\n`), by)

/** What somebody makes of a description who can rewrite it. */
const attacks: readonly (readonly [what: string, rewrite: (sdp: string) => string])[] = [
  ['no fingerprint', lines('fingerprint', '')],
  ['one fingerprint of four', oneLine('fingerprint', `a=fingerprint:sha-256 ${other}\r\n`)],
  [
    'a fingerprint of the session beside theirs',
    (sdp) => sdp.replace('t=0 0\r\n', `t=0 0\r\na=fingerprint:sha-256 ${other}\r\n`),
  ],
  ['SHA-1', lines('fingerprint', `a=fingerprint:sha-1 ${other.slice(0, 59)}\r\n`)],
  ['half a hash', lines('fingerprint', `a=fingerprint:sha-256 ${other.slice(0, 47)}\r\n`)],
  ['a hash that is none', lines('fingerprint', `a=fingerprint:sha-256 ${other.replaceAll('0', 'G')}\r\n`)],
  [
    'a role of the other type',
    (sdp) =>
      sdp.includes('actpass')
        ? lines('setup', 'a=setup:active\r\n')(sdp)
        : lines('setup', 'a=setup:actpass\r\n')(sdp),
  ],
  ['the role of nobody', lines('setup', 'a=setup:holdconn\r\n')],
  ['two roles', oneLine('setup', 'a=setup:passive\r\n')],
  ['no role', lines('setup', '')],
  ['no ICE password', lines('ice-pwd', '')],
  ['a short ICE password', lines('ice-pwd', 'a=ice-pwd:short\r\n')],
  ['a long ICE password', lines('ice-pwd', `a=ice-pwd:${'a'.repeat(257)}\r\n`)],
  ['an ICE password of other signs', lines('ice-pwd', 'a=ice-pwd:012345678901234567890_\r\n')],
  ['two ICE passwords', oneLine('ice-pwd', `a=ice-pwd:${'a'.repeat(24)}\r\n`)],
  ['no ICE name', lines('ice-ufrag', '')],
  ['a short ICE name', lines('ice-ufrag', 'a=ice-ufrag:abc\r\n')],
  ['two ICE names', oneLine('ice-ufrag', 'a=ice-ufrag:abcd\r\n')],
  ['a section more', (sdp) => sdp + (sectionsOf(sdp)[1] ?? '').replace('a=mid:1', 'a=mid:4')],
  ['a section less', (sdp) => replaceSections(sdp, (all) => all.filter((_, i) => i !== 1))],
  [
    'sections in another order',
    (sdp) => replaceSections(sdp, ([a = '', b = '', c = '', d = '']) => [b, a, c, d]),
  ],
  ['a section of another kind', (sdp) => sdp.replace('m=video', 'm=text')],
  ['sections by other names', (sdp) => sdp.replace('a=mid:1', 'a=mid:x')],
  [
    'SDES keys',
    (sdp) =>
      sdp.replace(
        'a=mid:0\r\n',
        'a=mid:0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj\r\n',
      ),
  ],
  ['media in the clear', (sdp) => sdp.replaceAll('UDP/TLS/RTP/SAVPF', 'RTP/AVPF')],
  ['media with keys from nowhere', (sdp) => sdp.replace('UDP/TLS/RTP/SAVPF', 'RTP/SAVPF')],
  ['no sound of ours', (sdp) => sdp.replace(/opus|G722/gi, 'PCMU')],
  ['settings of a codec that are none', (sdp) => sdp.replace(/(a=fmtp:\d+ )apt=.*/, '$1apt=<script>')],
  [
    'many sources',
    (sdp) =>
      sdp.replace(
        'a=mid:1\r\n',
        `a=mid:1\r\n${Array.from({ length: 9 }, (_, i) => `a=ssrc:${i + 1} cname:x\r\n`).join('')}`,
      ),
  ],
  ['what is too long', (sdp) => `${sdp}${'a=x:y\r\n'.repeat(5_000)}`],
  ['nothing', () => ''],
  ['no text of the kind', () => 'v=0\r\n'.repeat(100)],
]

/** Changes the first description of one side. */
function once(side: Side, rewrite: (media: CallDescription) => CallMedia) {
  let done = false
  return (media: CallMedia, from: Side): CallMedia => {
    if (done || from !== side || !('sdp' in media)) return media
    done = true
    return rewrite(media)
  }
}

async function spying(work: (spy: BrowserSpy) => Promise<void>): Promise<void> {
  const spy = new BrowserSpy()
  try {
    await work(spy)
  } finally {
    spy.stop()
  }
}

/** The end that gets it refuses; nothing is changed: what was really written connects afterwards. */
async function refusedAndUnchanged(both: Ends, side: Side, spy: BrowserSpy): Promise<void> {
  const { caller, answering, refused, said } = both
  const target = side === 'answering' ? caller : answering
  await until(() => refused.length > 0, 10_000)
  assert.deepEqual([...new Set(refused)], ['call-refused'])
  assert.lengthOf(spy.descriptions, side === 'answering' ? 0 : 1, 'the browser did not read it')
  assert.equal(target.link.value, 'connecting')
  assert.isUndefined(target.streams.value.remote)
  if (side === 'answering') assert.isFalse(said.some(({ media }) => media.type === 'answer'))
  await target.take(descriptionOf(both, side))
  await connected(caller, answering)
  close(caller, answering)
}

test('D05 control: what is passed on as it is connects', async () => {
  const { caller, answering, refused } = await ends()
  await connected(caller, answering)
  assert.deepEqual(refused, [])
  close(caller, answering)
})

for (const side of ['answering', 'caller'] as const) {
  for (const [what, rewrite] of attacks) {
    test(`D05: ${what}, in what the ${side} end describes, is refused and changes nothing`, () =>
      spying(async (spy) => {
        const both = await ends(
          {},
          once(side, (media) => {
            const sdp = rewrite(media.sdp)
            assert.notEqual(sdp, media.sdp, 'it is an attack at all')
            return { ...media, sdp }
          }),
        )
        await refusedAndUnchanged(both, side, spy)
      }))
  }

  test(`D05: a description of the ${side} end that is said to be of the other type is refused and changes nothing`, () =>
    spying(async (spy) => {
      const swap = once(side, ({ type, sdp }) => ({ type: type === 'offer' ? 'answer' : 'offer', sdp }))
      await refusedAndUnchanged(await ends({}, swap), side, spy)
    }))

  test(`D05: what we do not know of, in what the ${side} end describes, does not reach the browser`, () =>
    spying(async (spy) => {
      const unknown = [
        'a=candidate:1 1 udp 1 attacker.example 9 typ host',
        'a=candidate:2 1 udp 1 127.0.0.1 7 typ host',
        'a=ice-lite',
        'a=x-google-flag:conference',
        'a=extmap:9 urn:ietf:params:rtp-hdrext:ssrc-audio-level',
        'a=extmap:10 urn:ietf:params:rtp-hdrext:csrc-audio-level',
        'a=rid:1 send',
        'a=simulcast:send 1',
        'a=ice-options:renomination attacker',
        'a=identity:attacker',
        'a=ssrc:77 msid:attacker attacker',
      ]
      const more = (sdp: string) => sdp.replace('a=mid:0\r\n', `a=mid:0\r\n${unknown.join('\r\n')}\r\n`)
      const { caller, answering } = await ends(
        {},
        once(side, (media) => ({ ...media, sdp: `${more(media.sdp)}a=attacker\r\n` })),
      )
      await connected(caller, answering)
      assert.lengthOf(spy.descriptions, 2)
      for (const sdp of spy.descriptions)
        assert.notMatch(sdp, /attacker|candidate:|lite|google-flag|audio-level|rid:|simulcast/)
      close(caller, answering)
    }))
}

test('D05: a fingerprint that is rewritten everywhere is another certificate: the connection never comes about', async () => {
  const swap = lines('fingerprint', `a=fingerprint:sha-256 ${other}\r\n`)
  const { caller, answering } = await ends(
    {},
    once('answering', (media) => ({ ...media, sdp: swap(media.sdp) })),
  )
  await until(() => caller.link.value === 'failed', 30_000)
  assert.notEqual(answering.link.value, 'connected')
  assert.isUndefined(caller.streams.value.remote)
  assert.deepEqual(caller.sources.value, { microphone: false, camera: false, screen: false })
  close(caller, answering)
})

test('D05: later descriptions may bring no other certificate, and answer nothing that was not asked', () =>
  spying(async (spy) => {
    const both = await ends()
    const { caller, answering } = both
    await connected(caller, answering)
    const certificate = lines('fingerprint', `a=fingerprint:sha-256 ${other}\r\n`)
    const offer = descriptionOf(both, 'answering')
    assert.equal(await codeOf(caller.take({ type: 'offer', sdp: certificate(offer.sdp) })), 'call-refused')
    assert.equal(await codeOf(answering.take(descriptionOf(both, 'caller'))), 'call-refused')
    assert.lengthOf(spy.descriptions, 2, 'those of the beginning')
    assert.deepEqual([caller.link.value, answering.link.value], ['connected', 'connected'])
    close(caller, answering)
  }))

test('D05: an answer to a later offer may not turn the roles round; the control: the true one is taken', () =>
  spying(async (spy) => {
    let later: string | undefined
    const turn = (media: CallMedia): CallMedia => {
      if (later === undefined || media.type !== 'answer') return media
      later = media.sdp
      assert.include(media.sdp, 'a=setup:active')
      return { ...media, sdp: lines('setup', 'a=setup:passive\r\n')(media.sdp) }
    }
    const { caller, answering, refused } = await ends({}, turn)
    await connected(caller, answering)
    later = ''
    await answering.restart()
    await until(() => refused.length > 0, 10_000)
    assert.deepEqual(refused, ['call-refused'])
    assert.lengthOf(spy.descriptions, 3, 'the two of the beginning, and the later offer')
    await answering.take({ type: 'answer', sdp: later })
    await connected(caller, answering)
    close(caller, answering)
  }))

/** What browsers say of the certificate at the other end. */
async function withCertificates(
  certificates: (this: RTCDtlsTransport) => ArrayBuffer[],
  work: () => Promise<void>,
) {
  const real = RTCDtlsTransport.prototype.getRemoteCertificates
  RTCDtlsTransport.prototype.getRemoteCertificates = certificates
  try {
    await work()
  } finally {
    RTCDtlsTransport.prototype.getRemoteCertificates = real
  }
}

/** The end that connects first sees at once that the certificate is wrong; the other one never sees any. */
function seenByOne() {
  const ends = new Set<RTCDtlsTransport>()
  return function (this: RTCDtlsTransport): ArrayBuffer[] {
    ends.add(this)
    const [first] = ends
    return first === this && ends.size > 1 ? [new Uint8Array(300).buffer] : []
  }
}

for (const [what, certificates] of [
  ['another one', () => [new Uint8Array(300).buffer]],
  ['none', () => []],
  ['another one, as one end sees before the other,', seenByOne()],
] as const)
  test(`D05: where the certificate of the connection is ${what} than the description said, everything is let go`, () =>
    withCertificates(certificates, async () => {
      const { caller, answering } = await ends()
      await until(() => caller.link.value === 'failed' && answering.link.value === 'failed', 20_000)
      for (const one of [caller, answering]) {
        assert.isUndefined(one.streams.value.remote)
        assert.deepEqual(one.sources.value, { microphone: false, camera: false, screen: false })
      }
    }))

const lineOf = (address: string, port = 7) => `candidate:1 1 udp 2122260223 ${address} ${port} typ host`
const candidates: readonly (readonly [what: string, line: string, mid?: string])[] = [
  ['a host name', lineOf('attacker.example')],
  ['a name of the local network', lineOf('0b5b3c2e-9f6b-4d6a-9c0e-1d2f3a4b5c6d.local')],
  ['a name that looks like an address', lineOf('::1.attacker')],
  ['half an address', lineOf('1::2::3')],
  [
    'a name as the related address',
    `${lineOf('127.0.0.1').replace('host', 'srflx')} raddr attacker.example rport 9`,
  ],
  ['TCP', lineOf('127.0.0.1').replace('udp', 'tcp')],
  ['another kind', lineOf('127.0.0.1').replace('host', 'attacker')],
  ['a port too high', lineOf('127.0.0.1', 65_536)],
  ['a section of nobody', lineOf('127.0.0.1'), '4'],
  ['more than a line', `${lineOf('127.0.0.1')}\r\na=ice-lite`],
]

test('D05: candidates that are no addresses are refused with all that came with them; the control: addresses are tried', () =>
  spying(async (spy) => {
    const { caller, answering } = await ends()
    await connected(caller, answering)
    await pause(200)
    const before = spy.candidates.length
    const added = () => spy.candidates.slice(before)
    const good = { mid: '0', line: lineOf('127.0.0.1', 9) }
    for (const [what, line, mid = '0'] of candidates) {
      const taking = caller.take({ type: 'candidates', candidates: [good, { mid, line }] })
      assert.equal(await codeOf(taking), 'call-refused', what)
      assert.deepEqual(added(), [], what)
    }
    await caller.take({ type: 'candidates', candidates: [good] })
    assert.deepEqual(added(), [good.line])
    const many = caller.take({ type: 'candidates', candidates: Array.from({ length: 64 }, () => good) })
    assert.equal(await codeOf(many), 'call-refused')
    assert.lengthOf(added(), 1)
    assert.equal(caller.link.value, 'connected')
    close(caller, answering)
  }))

test('D05: host names as candidates of a whole call are refused, and the browser never sees them', () =>
  spying(async (spy) => {
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
    const { caller, answering, refused } = await ends({}, rename)
    await until(() => refused.length > 0 && spy.candidates.length > 0, 10_000)
    assert.include(refused, 'call-refused')
    assert.isFalse(spy.candidates.some((one) => one.includes('attacker')))
    close(caller, answering)
  }))
