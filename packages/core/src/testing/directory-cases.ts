import { decode, equalBytes, preKey, limits, type Signed } from '@sotto/protocol'
import { backendCases, someAccount, type BackendPlace } from './backend-place.js'
import { expect, expectEqual, expectRejection, type Case } from './case.js'
import { CaseDevice } from './case-device.js'

const bytesOf = (lists: readonly Signed[]) => lists.map((one) => one.bytes)
const idOf = (object: Signed) => decode(preKey, object.bytes, limits.preKey).id

/** What a `Directory` promises. */
export function directoryCases(make: () => Promise<BackendPlace>): readonly Case[] {
  const { cases, add } = backendCases(make)

  add('answers nothing for an unknown account', async (place) => {
    const device = await CaseDevice.published(place)
    expectEqual(await device.directory.lists(someAccount()), [], 'the lists of nobody')
    expectEqual(await device.directory.claim(someAccount(), device.id), undefined, 'a claim of nobody')
  })

  add('takes a first list by the site’s token alone, byte for byte, twice', async (place) => {
    const device = await CaseDevice.create(place)
    await device.directory.publish(device.chain.head)
    await device.directory.publish(device.chain.head)
    const lists = await device.directory.lists(device.account)
    expectEqual(lists, [device.chain.head], 'the lists')
  })

  add('refuses another first list for an account that has one', async (place) => {
    const device = await CaseDevice.published(place)
    const other = await CaseDevice.create(place, device.account)
    await expectRejection(
      other.directory.publish(other.chain.head, await other.preKeys(1)),
      'lists-outdated',
      'another first list',
    )
    expectEqual(bytesOf(await other.directory.lists(device.account)), [device.chain.head.bytes], 'the lists')
  })

  add('refuses a first list whose signature or account is not right', async (place) => {
    const device = await CaseDevice.create(place)
    const { bytes, signed } = device.chain.head
    const forged = {
      bytes,
      signed: signed.map((one) => ({ ...one, signatures: [{ alg: 1, bytes: new Uint8Array(64) }] })),
    }
    await expectRejection(device.directory.publish(forged), 'bad-signature', 'a forged list')
    const stranger = await CaseDevice.create(place)
    await expectRejection(
      stranger.directory.publish(device.chain.head),
      'device-list-rejected',
      'a list of another account',
    )
    expectEqual(await device.directory.lists(device.account), [], 'the lists')
  })

  add('answers the lists after one that is known', async (place) => {
    const device = await CaseDevice.published(place)
    const { signed, chain, keys } = await device.next()
    await device.directory.publish(signed, keys)
    await device.directory.publish(signed, keys)
    const lists = async (since?: { era: number; sequence: number }) =>
      bytesOf(await device.directory.lists(device.account, since))
    expectEqual(await lists(), [device.chain.head.bytes, signed.bytes], 'all lists')
    expectEqual(await lists({ era: 0, sequence: 1 }), [signed.bytes], 'the lists after the first')
    expectEqual(await lists({ era: 0, sequence: 2 }), [], 'the lists after the newest')
    expectEqual(
      await lists({ era: 7, sequence: 1 }),
      [device.chain.head.bytes, signed.bytes],
      'the lists of another era',
    )
    expectEqual(chain.list.sequence, 2, 'the sequence')
  })

  add('takes a list that adds a device together with its first prekeys alone', async (place) => {
    const device = await CaseDevice.published(place)
    const { joining, signed, keys } = await device.next()
    await expectRejection(device.directory.publish(signed), 'bad-prekey', 'a list without prekeys')
    const wrong = await joining.preKeys(1, { signer: device })
    await expectRejection(
      device.directory.publish(signed, wrong),
      'bad-signature',
      'prekeys signed by another',
    )
    expectEqual((await device.directory.lists(device.account)).length, 1, 'the number of lists')
    await device.directory.publish(signed, keys)
    const bundle = await device.directory.claim(device.account, joining.id)
    expectEqual(bundle?.signedPreKey, keys.signedPreKey, 'the signed prekey of the new device')
  })

  add(
    'refuses a list that does not follow the newest, and one that is not signed by the rules',
    async (place) => {
      const device = await CaseDevice.published(place)
      const [first, second] = [await device.next(), await device.next()]
      await device.directory.publish(first.signed, first.keys)
      await expectRejection(
        device.directory.publish(second.signed, second.keys),
        'lists-outdated',
        'a second list of one place',
      )
      device.chain = first.chain
      const { signed, keys } = await device.next()
      const halfSigned = { bytes: signed.bytes, signed: signed.signed.slice(0, 1) }
      await expectRejection(
        device.directory.publish(halfSigned, keys),
        'bad-signature',
        'a list without the new device’s signature',
      )
      expectEqual((await device.directory.lists(device.account)).length, 2, 'the number of lists')
    },
  )

  add('hands out each one-time prekey once, and the signed one alone after that', async (place) => {
    const target = await CaseDevice.published(place)
    const { signedPreKey, preKeys } = await target.preKeys(2)
    await target.directory.publishKeys({ signedPreKey, preKeys })
    await target.directory.publishKeys({ signedPreKey, preKeys })
    expectEqual(
      await target.directory.countKeys(),
      { preKeys: 5, signedPreKey: idOf(signedPreKey) },
      'the count',
    )
    const seen = new Set<number>()
    for (let i = 0; i < 6; i++) {
      const peer = await CaseDevice.published(place)
      const bundle = await peer.directory.claim(target.account, target.id)
      expectEqual(bundle?.signedPreKey, signedPreKey, 'the signed prekey')
      if (bundle?.preKey !== undefined) seen.add(idOf(bundle.preKey))
      else expectEqual(i, 5, 'the claim that gets no one-time prekey')
    }
    expectEqual(seen.size, 5, 'the number of one-time prekeys handed out')
    await target.directory.publishKeys({ preKeys })
    expectEqual((await target.directory.countKeys()).preKeys, 0, 'the count after the same keys came again')
  })

  add('gives one device one one-time prekey of another an hour', async (place) => {
    const [target, peer] = [await CaseDevice.published(place), await CaseDevice.published(place)]
    const first = await peer.directory.claim(target.account, target.id)
    const second = await peer.directory.claim(target.account, target.id)
    expect(first?.preKey !== undefined && second !== undefined, 'a bundle each time')
    expectEqual(second.preKey, undefined, 'the second one-time prekey')
    expectEqual((await target.directory.countKeys()).preKeys, 2, 'the count')
  })

  add(
    'hands out nothing for a device that is not on the newest list or has published nothing',
    async (place) => {
      const [device, peer] = [await CaseDevice.published(place), await CaseDevice.published(place)]
      const bare = await CaseDevice.create(place)
      await bare.directory.publish(bare.chain.head)
      expectEqual(await peer.directory.claim(bare.account, bare.id), undefined, 'a claim without prekeys')
      expectEqual(
        await peer.directory.claim(device.account, peer.id),
        undefined,
        'a claim of another account’s device',
      )
      const added = await device.next()
      await device.directory.publish(added.signed, added.keys)
      device.chain = added.chain
      const removed = await device.next({ remove: added.joining })
      await device.directory.publish(removed.signed)
      expectEqual(
        await peer.directory.claim(device.account, added.joining.id),
        undefined,
        'a claim of a removed device',
      )
      added.joining.chain = removed.chain
      await expectRejection(
        added.joining.directory.countKeys(),
        'device-removed',
        'a call by a removed device',
      )
    },
  )

  add('takes prekeys from their own device alone', async (place) => {
    const [device, other] = [await CaseDevice.published(place), await CaseDevice.published(place)]
    const before = await device.directory.countKeys()
    const foreign = await other.preKeys(1)
    await expectRejection(device.directory.publishKeys(foreign), 'bad-signature', 'prekeys of another device')
    const forged = await device.preKeys(1, { signer: other })
    await expectRejection(device.directory.publishKeys(forged), 'bad-signature', 'prekeys signed by another')
    expectEqual(await device.directory.countKeys(), before, 'the count')
  })

  add('believes no device that cannot prove it has its key', async (place) => {
    const [device, thief] = [await CaseDevice.published(place), await CaseDevice.create(place)]
    const { transport, directory } = place.backend()(() => ({
      realm: place.realm,
      account: device.account,
      accountId: device.chain.accountId,
      device: device.id,
      epoch: 9,
      sends: 9,
      token: () => place.token(device.account),
      sign: thief.sign,
    }))
    await expectRejection(directory.countKeys(), 'unauthorized', 'a call')
    await expectRejection(
      transport.open({ signal: new AbortController().signal }),
      'unauthorized',
      'a connection',
    )
    // Its epoch was not believed either.
    await device.directory.countKeys()
    expect(
      equalBytes(
        (await directory.lists(device.account))[0]?.bytes ?? new Uint8Array(0),
        device.chain.head.bytes,
      ),
      'lists to be readable',
    )
  })

  return cases
}
