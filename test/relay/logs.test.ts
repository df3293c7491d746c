import { Writable } from 'node:stream'
import { assert, test } from '#test'
import { withRelay } from './raw-relay.js'

test('logs and metrics hold counts and codes, and nobody’s name, address, token or id', async () => {
  let lines = ''
  const log = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines += chunk.toString()
      done()
    },
  })
  let names: readonly string[] = []
  let metrics = ''
  await withRelay(
    async (relay) => {
      const [alice, bob] = [await relay.device('alice.the.first'), await relay.device('bob.the.second')]
      const socket = await alice.connect()
      const batch = alice.batchTo([bob])
      await socket.send(batch)
      const inbox = await bob.connect()
      inbox.say({ type: 'ack', deliveries: [(await inbox.next('deliver')).delivery] })
      await inbox.settle()
      // What is refused is logged, if at all, as its code.
      await relay.call('GET', '/devices/alice.the.first', { token: alice.token })
      await relay.call('GET', '/devices/no.such.account', { token: 'a.wrong.token' })
      await relay.call('GET', '/nowhere/bob.the.second', { token: bob.token })
      await relay.call('PUT', '/devices', { token: bob.token, body: { list: 'AAAA' } })
      socket.raw(new Uint8Array([1, 2, 3]))
      await socket.bye()
      metrics = (await relay.call('GET', '/metrics')).text
      names = [
        ...['alice.the.first', 'bob.the.second', 'no.such.account', 'a.wrong.token'],
        ...[alice, bob].flatMap((one) => [one.id, one.known.accountId, one.token]),
        batch.envelopes[0]?.id ?? '',
        '127.0.0.1',
      ]
    },
    { log },
  )
  assert.include(lines, 'listening')
  for (const line of lines.trim().split('\n')) assert.doesNotThrow(() => JSON.parse(line) as unknown, line)
  assert.match(metrics, /^sotto_relay_batches_sent_total 1$/m)
  assert.match(metrics, /^sotto_relay_envelopes_delivered_total 1$/m)
  assert.match(metrics, /^sotto_relay_envelopes_acknowledged_total 1$/m)
  assert.match(metrics, /^sotto_relay_sockets_failed_total\{code="malformed"\} 1$/m)
  assert.lengthOf(names, 12)
  for (const name of names) {
    assert.notInclude(lines, name)
    assert.notInclude(metrics, name)
  }
})
