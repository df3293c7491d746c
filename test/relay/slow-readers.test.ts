import { limits } from '@sotto/protocol'
import { SqliteStorage, localBus } from '@sotto/relay'
import type { WebSocket } from 'ws'
import { assert, test } from '#test'
import { Delivery } from '../../packages/relay/src/delivery.js'
import { Mailbox } from '../../packages/relay/src/mailbox.js'
import { until } from '../support/until.js'
import { withRelay } from './raw-relay.js'

/** What is written to it stays with us until somebody reads. */
class SlowSocket {
  bufferedAmount = 0
  readonly written: number[] = []
  send(frame: Uint8Array): void {
    this.bufferedAmount += frame.length
    this.written.push(frame.length)
  }
  read(): void {
    this.bufferedAmount = 0
  }
}

test('of mail that waits for a slow reader no more is read from the disk than the socket takes, however large it is', async () => {
  const storage = SqliteStorage.open(':memory:')
  await withRelay(
    async (relay) => {
      const [alice, bob] = [await relay.device('alice'), await relay.device('bob')]
      const out = await alice.connect()
      const many = 120
      for (let i = 0; i < many; i++)
        assert.equal(
          (await out.send(alice.batchTo([bob], new Uint8Array(limits.body - 1000).fill(i)))).type,
          'sent',
        )
      const mailbox = new Mailbox({
        realm: relay.site.realm,
        storage,
        bus: localBus(),
        now: () => relay.now,
      })
      let held = 0
      let most = 0
      const socket = new SlowSocket()
      const waiting = mailbox.waiting.bind(mailbox)
      mailbox.waiting = async (...asked) => {
        const page = await waiting(...asked)
        held = page.reduce((sum, { stamped }) => sum + stamped.length, 0)
        most = Math.max(most, held)
        return page
      }
      const delivery = new Delivery({
        device: bob.id,
        socket: socket as unknown as WebSocket,
        mailbox,
        delivered: () => undefined,
        failed: (error) => {
          throw error
        },
      })
      delivery.start()
      let seen = 0
      await until(async () => {
        assert.isBelow(socket.bufferedAmount, 1_300_000)
        // A while in which nobody reads, and nothing more is written.
        seen = socket.written.length
        await new Promise((resolve) => setTimeout(resolve, 60))
        if (seen === socket.written.length) socket.read()
        return socket.written.length === many
      })
      assert.isBelow(most, 600_000, 'what is held beside what the socket holds')
      delivery.stop()
    },
    { database: storage },
  )
})

test('a device that reads everything and acknowledges nothing is kept its share and no more, however often it comes back', () =>
  withRelay(async (relay) => {
    const [alice, bob] = [await relay.device('alice'), await relay.device('bob')]
    const out = await alice.connect()
    await bob.connect()
    const share = limits.mailboxPerSender
    const codes = new Map<string, number>()
    for (let i = 0; i < share + 50; i += 50) {
      if (i % 500 === 0) relay.now += 61_000
      const answers = Array.from({ length: 50 }, () => out.send(alice.batchTo([bob])))
      for (const answer of await Promise.all(answers)) {
        const code = answer.type === 'refused' ? answer.code : 'sent'
        codes.set(code, (codes.get(code) ?? 0) + 1)
      }
    }
    assert.deepEqual(
      [...codes],
      [
        ['sent', share],
        ['mailbox-full', 50],
      ],
    )
    // However often it comes back, it is the same that it gets.
    for (let again = 0; again < 2; again++) {
      const back = await bob.connect()
      await until(() => back.heard.filter((one) => one.type === 'deliver').length === share)
      await back.settle()
      assert.lengthOf(
        back.heard.filter((one) => one.type === 'deliver'),
        share,
      )
    }
  }))
