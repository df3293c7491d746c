import type { MediaServer } from '@sotto/core/ports'
import { assert, test } from '#test'
import { BrowserSpy, close, connected, ends } from '../support/peer-ends.js'
import { until } from '../support/until.js'

test('who hangs up while an offer waits for servers hears that the call is over, and no error of the browser', async () => {
  let give = (): void => undefined
  const named = new Promise<readonly MediaServer[]>((resolve) => (give = () => resolve([])))
  let isAsked = false
  const freshServers = () => {
    isAsked = true
    return named
  }
  const both = await ends({ freshServers })
  await until(() => isAsked)
  close(both.caller)
  give()
  await until(() => both.refused.length > 0)
  assert.deepEqual([...new Set(both.refused)], ['call-over'])
  close(both.answering)
})

test('whoever hangs up lets every device go, also where nothing can be said any more', async () => {
  const spy = new BrowserSpy()
  const { caller, answering } = await ends({ video: true })
  spy.stop()
  await connected(caller, answering)
  const { send } = RTCDataChannel.prototype
  RTCDataChannel.prototype.send = () => {
    throw new DOMException('full', 'OperationError')
  }
  const tracks = [caller, answering].flatMap(({ streams }) =>
    [streams.value.voice, streams.value.local].flatMap((one) => one?.getTracks() ?? []),
  )
  assert.lengthOf(tracks, 4)
  try {
    close(caller, answering)
  } finally {
    RTCDataChannel.prototype.send = send
  }
  assert.isTrue(tracks.every((one) => one.readyState === 'ended'))
  assert.isTrue(spy.connections.every((one) => one.connectionState === 'closed'))
})
