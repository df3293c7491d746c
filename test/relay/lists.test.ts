import { assert, test } from '#test'
import {
  encodeSigned,
  extendChain,
  signDeviceList,
  startChain,
  toBase64Url,
  type Signed,
} from '@sotto/protocol'
import { must, packed, type RawDevice } from './raw-device.js'
import { withRelay, type RawRelay } from './raw-relay.js'

const listsOf = async (relay: RawRelay, account: string, query = ''): Promise<readonly unknown[]> => {
  const token = await relay.siteToken('reader')
  return must(await relay.call('GET', `/devices/${account}${query}`, { token })).body['lists'] as string[]
}

const outcome = async (answer: Promise<{ status: number; body: Readonly<Record<string, unknown>> }>) => {
  const { status, body } = await answer
  return [status, body['code']]
}

test('the site’s token alone publishes a first list, and reads lists', () =>
  withRelay(async (relay) => {
    const alice = relay.stranger('alice')
    const list = await alice.firstList()
    must(await alice.publish(list))
    assert.deepEqual(await listsOf(relay, 'alice'), [packed(list)])
    assert.deepEqual(await listsOf(relay, 'nobody'), [])
  }))

test('the same list again is a success, another first list is not', () =>
  withRelay(async (relay) => {
    const alice = relay.stranger('alice')
    const list = await alice.firstList()
    must(await alice.publish(list))
    must(await alice.publish(list))
    const second = relay.stranger('alice')
    assert.deepEqual(await outcome(second.publish(await second.firstList())), [409, 'lists-outdated'])
    assert.deepEqual(await listsOf(relay, 'alice'), [packed(list)])
  }))

test('two first lists at once: one is taken', () =>
  withRelay(async (relay) => {
    const both = [relay.stranger('alice'), relay.stranger('alice')]
    const answers = await Promise.all(both.map(async (one) => one.publish(await one.firstList())))
    assert.deepEqual(answers.map(({ status }) => status === 200).sort(), [false, true])
    assert.lengthOf(await listsOf(relay, 'alice'), 1)
  }))

test('a first list is verified: name, realm, signature, size', () =>
  withRelay(async (relay) => {
    const alice = relay.stranger('alice')
    const good = await alice.firstList()
    const refused = async (list: Signed, code: string) =>
      assert.deepEqual(await outcome(alice.publish(list)), [400, code])
    await refused(await alice.firstList({ account: 'bob' }), 'device-list-rejected')
    await refused(await alice.firstList({ realm: 'example.org' }), 'device-list-rejected')
    await refused(
      await alice.firstList({ devices: [alice.device, relay.stranger('alice').device] }),
      'device-list-rejected',
    )
    const flipped = good.bytes.map((byte, i) => (i === good.bytes.length - 8 ? byte ^ 1 : byte))
    await refused({ ...good, bytes: flipped }, 'bad-signature')
    assert.deepEqual(await listsOf(relay, 'alice'), [])
    must(await alice.publish(good))
  }))

test('a later list needs a device’s login', () =>
  withRelay(async (relay) => {
    const phone = relay.stranger('alice')
    await phone.publishFirst(1)
    const laptop = relay.stranger('alice')
    const list = await phone.nextList({ add: laptop })
    laptop.chain = extendChain(phone.known, list)
    const keys = await laptop.preKeys(1)
    assert.deepEqual(await outcome(phone.publish(list, keys)), [403, 'forbidden'])
    await phone.login()
    must(await phone.publish(list, keys))
    must(await laptop.tryLogin())
  }))

test('a list is taken after the one it names, and is told apart from a fork', () =>
  withRelay(async (relay) => {
    const phone = await relay.device('alice')
    const [one, other] = [relay.stranger('alice'), relay.stranger('alice')]
    const listOne = await phone.nextList({ add: one })
    const listOther = await phone.nextList({ add: other })
    one.chain = extendChain(phone.known, listOne)
    other.chain = extendChain(phone.known, listOther)
    must(await phone.publish(listOne, await one.preKeys(1)))
    assert.deepEqual(await outcome(phone.publish(listOther, await other.preKeys(1))), [409, 'lists-outdated'])
    must(await phone.publish(listOne))
    phone.chain = one.chain
    assert.lengthOf(await listsOf(relay, 'alice'), 2)
  }))

test('a list adds one device at a time: each comes with prekeys of its own', () =>
  withRelay(async (relay) => {
    const phone = await relay.device('alice')
    const [one, other] = [relay.stranger('alice'), relay.stranger('alice')]
    const { list, hash } = phone.known
    const both = { ...list, sequence: 2, previous: hash, devices: [phone.device, one.device, other.device] }
    const signed = await signDeviceList(both, [phone.signer, one.signer, other.signer])
    one.chain = extendChain(phone.known, signed)
    const answer = await outcome(phone.publish(signed, await one.preKeys(1)))
    assert.deepEqual(answer, [400, 'device-list-rejected'])
    await phone.link(one)
    await phone.link(other)
  }))

test('a list that adds a device comes with prekeys of that device', () =>
  withRelay(async (relay) => {
    const phone = await relay.device('alice')
    const laptop = relay.stranger('alice')
    const list = await phone.nextList({ add: laptop })
    laptop.chain = extendChain(phone.known, list)
    const keys = await laptop.preKeys(2)
    assert.deepEqual(await outcome(phone.publish(list)), [400, 'bad-prekey'])
    assert.deepEqual(await outcome(phone.publish(list, { preKeys: keys.preKeys })), [400, 'bad-prekey'])
    assert.deepEqual(await outcome(phone.publish(list, await phone.preKeys(1))), [400, 'bad-signature'])
    assert.lengthOf(await listsOf(relay, 'alice'), 1)
    must(await phone.publish(list, keys))
    await laptop.login()
    const count = await relay.call('GET', '/keys/count', { token: laptop.token })
    assert.equal(count.body['preKeys'], 2)
  }))

test('lists are read from a sequence on; another era gives all', () =>
  withRelay(async (relay) => {
    const phone = await relay.device('alice')
    const laptop = relay.stranger('alice')
    const first = packed(phone.known.head)
    await phone.link(laptop)
    const second = packed(phone.known.head)
    assert.deepEqual(await listsOf(relay, 'alice'), [first, second])
    assert.deepEqual(await listsOf(relay, 'alice', '?era=0&sequence=0'), [first, second])
    assert.deepEqual(await listsOf(relay, 'alice', '?era=0&sequence=1'), [second])
    assert.deepEqual(await listsOf(relay, 'alice', '?era=0&sequence=2'), [])
    assert.deepEqual(await listsOf(relay, 'alice', '?era=1&sequence=2'), [first, second])
  }))

test('what was published is handed out byte for byte', () =>
  withRelay(async (relay) => {
    const alice = relay.stranger('alice')
    const list = await alice.firstList()
    must(await alice.publish(list))
    const [served] = await listsOf(relay, 'alice')
    assert.equal(served, toBase64Url(encodeSigned(list)))
  }))

test('the devices of an account are woken by a new list, and nobody else', () =>
  withRelay(async (relay) => {
    const phone = await relay.device('alice')
    const bob = await relay.device('bob')
    const laptop = relay.stranger('alice')
    await phone.link(laptop)
    await laptop.login()
    const sockets = await Promise.all([phone.connect(), laptop.connect(), bob.connect()])
    await phone.link(relay.stranger('alice'))
    for (const mine of sockets.slice(0, 2)) assert.equal((await mine.next('wake')).what, 1)
    for (const socket of sockets) await socket.settle()
    assert.deepEqual(
      sockets.map(({ heard }) => heard.length),
      [0, 0, 0],
    )
  }))

test('a removal ends socket, login, prekeys and mailbox of the device', () =>
  withRelay(async (relay) => {
    const bob = await relay.device('bob')
    const phone = await relay.device('alice')
    const laptop = relay.stranger('alice')
    await phone.link(laptop)
    await laptop.login()
    const hers = await laptop.connect()
    await (await bob.connect()).send(bob.batchTo([phone, laptop]))
    await hers.next('deliver')
    await phone.remove(laptop)

    assert.equal((await hers.bye()).code, 'device-removed')
    const count = await relay.call('GET', '/keys/count', { token: laptop.token })
    assert.deepEqual([count.status, count.body['code']], [401, 'unauthorized'])
    const login = await laptop.tryLogin()
    assert.deepEqual([login.status, login.body['code']], [403, 'device-removed'])
    const claimed = await claim(bob, laptop)
    assert.deepEqual([claimed.status, claimed.body['code']], [404, 'no-prekey'])
    const again = await (await bob.connect()).send(bob.batchTo([phone, laptop]))
    assert.equal(again.type === 'refused' && again.code, 'lists-outdated')
    // The device that stayed has its mail still.
    await (await phone.connect()).next('deliver')
  }))

test('a device that was removed never returns', () =>
  withRelay(async (relay) => {
    const phone = await relay.device('alice')
    const laptop = relay.stranger('alice')
    await phone.link(laptop)
    await phone.remove(laptop)
    const list = await phone.nextList({ add: laptop })
    const answer = await outcome(phone.publish(list, await laptop.preKeys(1)))
    assert.deepEqual(answer, [400, 'device-list-rejected'])
    assert.lengthOf(await listsOf(relay, 'alice'), 3)
  }))

test('nobody takes over the id of a device of somebody else', () =>
  withRelay(async (relay) => {
    const alice = await relay.device('alice')
    const mallory = relay.stranger('mallory')
    const stolen = { ...mallory.device, id: alice.id }
    const { chain } = alice
    const list = await mallory.firstList({ devices: [stolen] })
    const [signature] = list.signed
    const signed = [{ by: Buffer.from(alice.id, 'hex'), signatures: signature?.signatures ?? [] }]
    const forged = {
      bytes: list.bytes,
      signed: signed.map((one) => ({ ...one, by: new Uint8Array(one.by) })),
    }
    startChain(forged, { realm: relay.site.realm, account: 'mallory' })
    const answer = await outcome(mallory.publish(forged))
    assert.deepEqual(answer, [400, 'device-list-rejected'])
    assert.deepEqual(await listsOf(relay, 'mallory'), [])
    assert.equal(chain?.list.devices[0]?.id, alice.id)
    must(await alice.tryLogin())
  }))

function claim(by: RawDevice, target: RawDevice) {
  return by.relay.call('POST', `/keys/${target.account}/${target.id}/claim`, { token: by.token })
}
