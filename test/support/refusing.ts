import type { TestContext } from './test-body.js'

/** What was asked of the browser, whose devices say no for as long as a test lasts: `why` gives the name of the error, or `undefined` for yes. */
export function refusing(
  context: TestContext,
  why: (constraints: MediaStreamConstraints) => string | undefined,
): readonly MediaStreamConstraints[] {
  const { mediaDevices } = navigator
  const real = mediaDevices.getUserMedia
  const asked: MediaStreamConstraints[] = []
  mediaDevices.getUserMedia = async (constraints = {}) => {
    asked.push(constraints)
    const name = why(constraints)
    if (name !== undefined) throw new DOMException('refused by the test', name)
    return real.call(mediaDevices, constraints)
  }
  context.after(() => (mediaDevices.getUserMedia = real))
  return asked
}
