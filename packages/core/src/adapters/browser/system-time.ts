import { SottoError, randomBytes } from '@sotto/protocol'
import type { Time } from '@sotto/core/ports'

/** The longest a timer can run, in milliseconds: 2^31 - 1. A longer one fires at once. */
const timerMax = 0x7fff_ffff

/** The system's clock and timers, in browsers and in Node. */
export function systemTime(): Time {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    async sleep(ms, signal) {
      const end = performance.now() + ms
      for (let left = ms; ; left = end - performance.now()) {
        await timer(Math.min(Math.max(0, left), timerMax), signal)
        if (performance.now() >= end - 1) return
      }
    },
    turn: takeTurns(),
    random: (below) => {
      const [high = 0, low = 0] = new Uint32Array(randomBytes(8).buffer)
      // 53 random bits, as many as a double holds.
      return Math.floor((((high >>> 11) * 2 ** 32 + low) / 2 ** 53) * below)
    },
  }
}

/** How long turns are taken by messages until timers have theirs, in milliseconds. */
const timersWaitMs = 30

/**
 * By a message, behind what waits already: a timer in a row of timers takes 4 ms. But messages of one's own, and `scheduler.yield`, go before timers
 * and keep them from running at all, so one of them is a timer now and then. Those of a hidden page come once a second or once a minute, and it
 * draws nothing.
 */
function takeTurns(): () => Promise<void> {
  let timersAt = performance.now()
  return async () => {
    if (globalThis.document?.visibilityState === 'hidden') return
    if (globalThis.document !== undefined && performance.now() - timersAt < timersWaitMs) return message()
    await timer(0, undefined)
    timersAt = performance.now()
  }
}

function message(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}

function timer(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted === true) return Promise.reject(new SottoError('aborted'))
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(running)
      reject(new SottoError('aborted'))
    }
    const running = setTimeout(() => {
      signal?.removeEventListener('abort', abort)
      resolve()
    }, ms)
    signal?.addEventListener('abort', abort, { once: true })
  })
}
