import { pageWakes } from '@sotto/core/browser'
import { assert, test } from '#test'

test('a page wakes its client when the network is back and when it is seen, and not when it is hidden', ({
  after,
}) => {
  let woken = 0
  const stop = pageWakes(() => woken++)
  after(stop)
  let visibilityState = 'hidden'
  Object.defineProperty(document, 'visibilityState', { get: () => visibilityState, configurable: true })
  after(() => delete (document as { visibilityState?: unknown }).visibilityState)
  const change = () => document.dispatchEvent(new Event('visibilitychange'))
  change()
  assert.equal(woken, 0)
  visibilityState = 'visible'
  change()
  assert.equal(woken, 1)
  dispatchEvent(new Event('offline'))
  assert.equal(woken, 1)
  dispatchEvent(new Event('online'))
  assert.equal(woken, 2)
  stop()
  dispatchEvent(new Event('online'))
  change()
  assert.equal(woken, 2)
})
