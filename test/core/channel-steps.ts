import type { Channels } from '@sotto/core/ports'
import { assert } from '#test'

/** What channels promise, for those in memory and those of a browser. */
export async function channelSteps(channels: Channels, name: string): Promise<void> {
  const [a, b, c, stranger] = [
    channels.open(name),
    channels.open(name),
    channels.open(name),
    channels.open(`${name}-other`),
  ]
  const heard: string[] = []
  const listen = (who: string) => (message: unknown) => void heard.push(`${who} ${JSON.stringify(message)}`)
  a.onmessage = listen('a')
  b.onmessage = listen('b')
  stranger.onmessage = listen('stranger')
  const message = { n: 1 }
  a.post(message)
  message.n = 2
  a.post(message)
  const last = new Promise(
    (resolve) => (c.onmessage = (got) => (got === 'last' ? resolve(undefined) : undefined)),
  )
  a.post('last')
  await last
  assert.sameOrderedMembers(
    heard.filter((one) => one !== 'b "last"'),
    ['b {"n":1}', 'b {"n":2}'],
  )
  heard.length = 0
  b.close()
  const again = new Promise((resolve) => (c.onmessage = resolve))
  a.post('after close')
  b.post('from the closed')
  assert.equal(await again, 'after close')
  assert.deepEqual(heard, [])
  a.close()
  a.post('nobody is told')
  for (const one of [c, stranger]) one.close()
}
