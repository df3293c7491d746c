import { openClient, type Client } from '@sotto/core'
import { systemTime } from '@sotto/core/browser'
import { MemoryDisk, memoryChannels, memoryLocks, memoryStore } from '@sotto/core/memory'
import type { Store } from '@sotto/core/ports'
import { relayBackend } from '@sotto/core/relay'
import { decodeDeviceList, decodeSigned, fromBase64Url, limits } from '@sotto/protocol'
import { createSignalCipher } from '@sotto/signal'
import { assert, test } from '#test'
import { must, type RawDevice } from '../relay/raw-device.js'
import { withRelay, type RawRelay } from '../relay/raw-relay.js'
import { watch } from '../support/people.js'
import { until } from '../support/until.js'

const cipher = await createSignalCipher()

async function online(relay: RawRelay, account: string, store: Store): Promise<Client> {
  const client = await openClient({
    account,
    realm: relay.site.realm,
    backend: relayBackend({ url: relay.url }),
    token: () => relay.siteToken(account),
    cipher,
    store,
    locks: memoryLocks(),
    channels: memoryChannels(),
    time: systemTime(),
    name: account,
  })
  await until(() => client.state.value.name === 'online')
  return client
}

/** Accounts that somebody has made to take another's prekeys. */
class Drain {
  /** One-time prekeys that were handed out. */
  readonly given: string[] = []
  readonly #relay: RawRelay
  readonly #path: string
  #accounts = 0

  private constructor(relay: RawRelay, path: string) {
    this.#relay = relay
    this.#path = path
  }

  static async of(relay: RawRelay, account: string): Promise<Drain> {
    const mallory = await relay.device('mallory', 0)
    const { body } = must(await relay.call('GET', `/devices/${account}`, { token: mallory.token }))
    const [list = ''] = body['lists'] as readonly string[]
    const [device] = decodeDeviceList(decodeSigned(fromBase64Url(list)).bytes).devices
    return new Drain(relay, `/keys/${account}/${device?.id}/claim`)
  }

  /** Resolves with whether there was a one-time prekey. There is a signed one always. */
  async take(by?: RawDevice): Promise<boolean> {
    const { token } = by ?? (await this.#relay.device(`sybil-${this.#accounts++}`, 0))
    const { body } = must(await this.#relay.call('POST', this.#path, { token }))
    assert.isString(body['signedPreKey'])
    const one = body['preKey']
    if (typeof one === 'string') this.given.push(one)
    return one !== undefined
  }
}

test('A06 who takes the prekeys of somebody who is there takes what is made anew, each of them once', () =>
  withRelay(async (relay) => {
    const bob = await online(relay, 'bob', memoryStore())
    const drain = await Drain.of(relay, 'bob')
    // More than he had: what went low was filled up.
    await until(async () => {
      await drain.take()
      return drain.given.length > limits.preKeys + 10
    })
    assert.equal(new Set(drain.given).size, drain.given.length)
    await bob.close()
  }))

test('A06 who has taken all prekeys of somebody who is away keeps nobody from writing to them', () =>
  withRelay(async (relay) => {
    const disk = new MemoryDisk()
    await (await online(relay, 'bob', memoryStore(disk))).close()
    const drain = await Drain.of(relay, 'bob')
    const sybil = await relay.device('one-account', 0)
    assert.isTrue(await drain.take(sybil), 'the control')
    // One account drains nothing, however often it asks.
    for (let i = 0; i < 50; i++) assert.isFalse(await drain.take(sybil))
    await until(async () => !(await drain.take()))
    assert.equal(new Set(drain.given).size, limits.preKeys)

    const alice = await online(relay, 'alice', memoryStore())
    const hers = watch(alice, 'bob')
    await alice.conversation('bob').send('with the signed prekey alone')
    await until(() => hers.items.some((one) => one.kind === 'text' && one.state?.name === 'sent'))
    const bob = await online(relay, 'bob', memoryStore(disk))
    const his = watch(bob, 'alice')
    await until(() => his.texts().length === 1)
    await bob.conversation('alice').send('I am back')
    await until(() => hers.texts().includes('< I am back'))
    // And he has made new ones.
    await until(() => drain.take())
    await Promise.all([alice.close(), bob.close()])
  }))
