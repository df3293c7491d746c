import { SottoError, callConsents, callEnds, type CallMedia, type CallSignal } from '@sotto/protocol'
import { assert, test } from '#test'
import type { CallRow } from '../../packages/core/src/calls/call-row.js'
import { step, type CallEffect, type CallEvent } from '../../packages/core/src/calls/call-state.js'

const [ours, sibling, theirs, second] = ['00', '01', '10', '11'].map((one) => one.repeat(16)) as [
  string,
  string,
  string,
  string,
]
const place = { device: ours, now: 1_790_000_000_000 }
const depth = 8

const fresh = (mine: boolean, video: boolean): CallRow => ({
  id: 'ab'.repeat(16),
  account: 'bob',
  mine,
  phase: mine ? 'ringing' : 'rung',
  caller: mine ? ours : theirs,
  video,
  asks: 'nobody',
  ...(mine ? { tab: 'cd'.repeat(16) } : {}),
  startedAt: place.now,
  counter: 0,
  heard: [],
  line: 'bob/x',
})

const offer: CallMedia = { type: 'offer', sdp: 'offer' }
const answer: CallMedia = { type: 'answer', sdp: 'answer' }

const signals: readonly CallSignal[] = [
  { type: 'ring', video: true },
  { type: 'accept', video: true, media: offer },
  { type: 'accept', video: false, media: offer },
  { type: 'accept', video: false, media: answer },
  { type: 'media', media: offer },
  { type: 'media', media: answer },
  { type: 'taken', device: ours },
  { type: 'taken', device: second },
  { type: 'decline' },
  { type: 'busy' },
  ...Object.values(callEnds).map((reason): CallSignal => ({ type: 'end', reason, durationMs: 1 })),
  ...Object.values(callConsents).map((taken): CallSignal => ({ type: 'consent', step: taken })),
  { type: 'status', microphone: true, camera: true, screen: true },
  { type: 'alerting' },
  { type: 'calling' },
]

const local: readonly CallEvent[] = [
  ...[true, false].flatMap((camera) =>
    [true, false].map((video): CallEvent => ({ name: 'answer', tab: 'ef'.repeat(16), camera, video })),
  ),
  { name: 'offer', media: offer },
  { name: 'offer', media: answer },
  { name: 'media', media: answer },
  { name: 'decline' },
  { name: 'hang-up' },
  ...Object.values(callConsents).map((taken): CallEvent => ({ name: 'consent', step: taken })),
  { name: 'status', microphone: true, camera: true, screen: true },
  { name: 'calling' },
  { name: 'connected' },
  { name: 'lost' },
  { name: 'failed' },
  { name: 'left' },
  { name: 'time-out' },
]

/** Everything that can happen to a call: new signals and repeated ones, of every device that there is. */
function eventsFor(row: CallRow): readonly CallEvent[] {
  const heardOf = (device: string) => row.heard.find((one) => one.device === device)?.counter ?? 0
  const froms = [
    { device: theirs, own: false },
    { device: second, own: false },
    { device: sibling, own: true },
  ]
  const heard = froms.flatMap((from) =>
    signals.flatMap((signal) =>
      [heardOf(from.device) + 1, heardOf(from.device)].map((counter): CallEvent => ({
        name: 'signal',
        from,
        counter,
        signal,
      })),
    ),
  )
  return [...local, ...heard]
}

/** What has to have happened before media may be opened, and who may speak to them then. */
interface Known {
  /** Our person said yes: by calling, or by answering. */
  readonly said: boolean
  /** Their device said yes, in a call of ours. */
  readonly accepted: boolean
  readonly open: boolean
  readonly over: boolean
}

function follow(
  known: Known,
  event: CallEvent,
  before: CallRow,
  after: CallRow,
  effects: readonly CallEffect[],
) {
  let { said, accepted, open, over } = known
  if (event.name === 'answer') said = true
  if (event.name === 'signal' && event.signal.type === 'accept') accepted = true
  for (const effect of effects) {
    if (effect.name === 'open') {
      assert.isTrue(said && (accepted || !before.mine), 'media before both sides said yes')
      assert.isFalse(open, 'media twice')
      assert.isTrue(!effect.video || (before.video && after.video), 'a camera in a voice call')
      open = true
    }
    if (effect.name === 'take' || effect.name === 'status') {
      assert.isTrue(open, 'media before they are open')
      assert.isTrue(event.name === 'signal' && event.from.device === after.other && !event.from.own)
    }
    if (effect.name === 'send') {
      assert.isFalse(known.over, 'something was sent for a call that is over')
      const { type } = effect.signal
      if (type === 'calling')
        assert.isTrue(
          effect.to !== 'all' && before.mine && before.alerting?.includes(effect.to.device),
          'said to whom it does not ring',
        )
      if (type === 'media' || type === 'accept' || type === 'status' || type === 'consent')
        assert.isTrue(said && open && effect.to !== 'all', `${type} to whom it is not for`)
    }
    if (effect.name === 'close') over = true
  }
  assert.equal(over, after.phase === 'over', 'what is over is closed, and the other way round')
  assert.isTrue(!after.video || before.video || after.asks === 'nobody')
  return { said, accepted, open, over }
}

const frozen = (row: CallRow): CallRow =>
  Object.freeze({ ...row, heard: Object.freeze([...row.heard]) as never })

for (const mine of [true, false]) {
  for (const video of [true, false]) {
    test(`D06: every event in every state of a call, ${mine ? 'ours' : 'theirs'}, ${video ? 'video' : 'voice'}: no media before both said yes`, () => {
      let front = [
        { row: frozen(fresh(mine, video)), known: { said: mine, accepted: false, open: false, over: false } },
      ]
      const seen = new Set<string>()
      const phases = new Set<string>()
      const [refused, taken] = [new Set<string>(), new Set<string>()]
      for (let level = 0; level < depth; level++) {
        const next: typeof front = []
        for (const { row, known } of front) {
          for (const event of eventsFor(row)) {
            const name = event.name === 'signal' ? event.signal.type : event.name
            let after: ReturnType<typeof step>
            try {
              after = step(row, event, place)
            } catch (error) {
              assert.isTrue(SottoError.is(error), String(error))
              assert.include(['call-refused', 'call-over'], (error as SottoError).code)
              if (row.phase === 'over') assert.equal((error as SottoError).code, 'call-over')
              refused.add(`${name} ${row.phase}`)
              continue
            }
            if (event.name === 'signal') {
              const before = row.heard.find((one) => one.device === event.from.device)?.counter ?? 0
              assert.isAbove(event.counter, before, 'a repeated signal was taken')
            }
            if (name === 'consent') assert.isFalse(row.video, 'asked for what there is')
            taken.add(name)
            phases.add(after.row.phase)
            const now = follow(known, event, row, after.row, after.effects)
            // Equal but for how much was heard.
            const { heard: _heard, counter: _counter, ...rest } = after.row
            const key = JSON.stringify([rest, now])
            if (seen.has(key)) continue
            seen.add(key)
            next.push({ row: frozen(after.row), known: now })
          }
        }
        front = next
      }
      // The control: everything that should be reached was reached.
      assert.includeMembers([...phases], ['accepted', 'connected', 'lost', 'over'])
      assert.includeMembers([...taken], ['media', 'status', 'end', 'hang-up', 'time-out', 'consent'])
      assert.includeMembers(
        [...taken],
        mine
          ? ['accept', 'busy', 'decline', 'alerting', 'calling']
          : ['answer', 'offer', 'taken', 'decline', 'calling'],
      )
      assert.isTrue(refused.has('ring accepted') && refused.has('accept over'))
      assert.isAbove(seen.size, 8)
    })
  }
}
