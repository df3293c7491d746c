import { assert, test } from '#test'
import { WarningEvent } from '@sotto/core'
import { aliceBobAndMallory, settled } from '../support/forged-first.js'
import { withEvilRelay } from '../support/relay-people.js'
import { until } from '../support/until.js'

const canary = 'canary-5f1e0c'

test('E11 neither console nor errors nor traces hold what people write or who they are', () =>
  withEvilRelay(async (world) => {
    const printed: unknown[] = []
    const methods = ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const
    const real = methods.map((name) => console[name])
    for (const name of methods) console[name] = (...args: unknown[]) => void printed.push(args)
    try {
      const { relay, alice, bob, bobs, his, mallory, alicesOwn, to } = await aliceBobAndMallory(world)
      const warnings: unknown[] = []
      for (const client of [alice, bob]) {
        client.addEventListener(
          'warning',
          (event) => event instanceof WarningEvent && warnings.push(event.error),
        )
      }
      await alice.conversation('bob').send(canary)
      await until(() => his.texts().length === 3)
      // Everything goes wrong once: a forgery, garbage, a refusal, a call that is none.
      relay.inject(to.device, await mallory.firstMessage(to, alicesOwn, { text: canary, generation: 3 }))
      const forged = await mallory.firstMessage(to, alicesOwn, { text: canary, generation: 4 })
      relay.inject(to.device, { ...forged, envelope: { ...forged.envelope, body: new Uint8Array(200) } })
      relay.hooks.onSend = () => ({ type: 'refused', code: 'forbidden', lists: [], devices: [] })
      await alice.conversation('bob').send(`${canary} again`)
      await until(() => warnings.length > 0)
      const thrown = await Promise.allSettled([
        alice.conversation('bob').send(''),
        alice.conversation('bob').retry(canary),
        bob.conversation('alice').remove(canary),
      ])
      await settled()
      const errors = [
        ...warnings,
        ...thrown.map((one) => (one.status === 'rejected' ? (one.reason as unknown) : undefined)),
      ]
      const text = errors
        .map((one) =>
          one instanceof Error ? `${one.message} ${String(one.stack)} ${JSON.stringify(one)}` : '',
        )
        .join('\n')
      assert.include(text, 'batch-refused')
      assert.notInclude(text, canary)
      assert.notInclude(text, (await bobs.device()).address.accountId)
      assert.deepEqual(printed, [])
    } finally {
      methods.forEach((name, i) => (console[name] = real[i] as typeof console.log))
    }
  }))
