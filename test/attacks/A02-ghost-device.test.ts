import { assert, test } from '#test'
import {
  deviceOf,
  encodeChain,
  encodeDeviceList,
  encodeSigned,
  extendChain,
  signDeviceList,
  startChain,
  toHex,
  type Chain,
  type Signed,
} from '@sotto/protocol'
import {
  chainOf,
  deviceNo,
  extended,
  firstList,
  idOf,
  nextList,
  realm,
  recoveryKeyNo,
  recoveryNo,
  signAsList,
  signerNo,
} from '../protocol/made.js'
import { refuses } from '../protocol/refuses.js'

const [one, two, ghost] = [deviceNo(1), deviceNo(2), deviceNo(66)]
const owner = { realm, account: 'alice' }

/** Alice's chain as her peers have it: two devices and a recovery key. Device 2 came second. */
async function alices(): Promise<{ readonly first: Chain; readonly chain: Chain }> {
  const first = await chainOf('alice', 1, { recoveryKey: recoveryKeyNo(9) })
  return { first, chain: await extended(first, { devices: [one, two] }, [signerNo(1), signerNo(2)]) }
}

/** That a chain takes no such list, and is afterwards what it was. */
function refusesGhost(
  chain: Chain,
  object: Signed,
  code: 'bad-signature' | 'device-list-rejected' | 'malformed',
): void {
  const before = toHex(encodeChain(chain))
  refuses(() => extendChain(chain, object), code)
  assert.equal(toHex(encodeChain(chain)), before)
  assert.isUndefined(deviceOf(chain, ghost.id))
}

test('A02 control: a device joins when a listed one and itself have signed', async () => {
  const { chain } = await alices()
  const list = nextList(chain, { devices: [one, two, ghost] })
  const after = extendChain(chain, await signDeviceList(list, [signerNo(2), signerNo(66)]))
  assert.equal(deviceOf(after, ghost.id)?.id, ghost.id)
})

test('A02 a ghost device is refused when nobody, or nobody of the list, has signed for it', async () => {
  const { chain } = await alices()
  const list = nextList(chain, { devices: [one, two, ghost] })
  const bytes = encodeDeviceList(list)
  refusesGhost(chain, { bytes, signed: [] }, 'bad-signature')
  refuses(() => encodeSigned({ bytes, signed: [] }), 'malformed')
  for (const signers of [[signerNo(66)], [signerNo(66), signerNo(66)], [signerNo(67), signerNo(66)]]) {
    refusesGhost(chain, await signAsList(bytes, signers), 'bad-signature')
  }
})

test('A02 a ghost device is refused when a listed one has not signed with its own key', async () => {
  const { chain } = await alices()
  const list = nextList(chain, { devices: [one, two, ghost] })
  const underName = (by: number, key: number) => ({ by: signerNo(by).by, sign: signerNo(key).sign })
  for (const signers of [
    [underName(1, 66), signerNo(66)],
    [underName(1, 2), signerNo(66)],
    [signerNo(1), underName(66, 1)],
    [signerNo(1), signerNo(2)],
    [signerNo(1), signerNo(2), signerNo(66)],
  ]) {
    refusesGhost(chain, await signDeviceList(list, signers), 'bad-signature')
  }
})

test('A02 a ghost device is refused under a signature that a listed one gave for something else', async () => {
  const { chain } = await alices()
  const real = await signDeviceList(nextList(chain, { madeAt: chain.list.madeAt + 1 }), [signerNo(1)])
  const ghosts = await signDeviceList(nextList(chain, { devices: [one, two, ghost] }), [signerNo(66)])
  refusesGhost(chain, { bytes: ghosts.bytes, signed: [...real.signed, ...ghosts.signed] }, 'bad-signature')
})

test('A02 a ghost device is refused on a list that was good once: replayed, of an old number, or skipping one', async () => {
  const { first, chain } = await alices()
  // What a listed device once signed stays signed: a list beside the second, and the second itself.
  const beside = await signDeviceList(nextList(first, { devices: [one, ghost] }), [signerNo(1), signerNo(66)])
  extendChain(first, beside)
  refusesGhost(chain, beside, 'device-list-rejected')
  refusesGhost(chain, chain.head, 'device-list-rejected')
  refusesGhost(chain, first.head, 'device-list-rejected')
  for (const sequence of [1, 2, 4, 512]) {
    const change = { devices: [one, two, ghost], sequence, ...(sequence === 1 && { previous: null }) }
    refusesGhost(
      chain,
      await signDeviceList(nextList(chain, change), [signerNo(1), signerNo(66)]),
      'device-list-rejected',
    )
  }
})

test('A02 a ghost device is refused after another list than ours, or in another era', async () => {
  const { first, chain } = await alices()
  const signers = [signerNo(1), signerNo(66)]
  const devices = [one, two, ghost]
  for (const change of [
    { previous: first.hash },
    { previous: idOf(3, 32) },
    { era: 1 },
    { account: 'bob' },
  ]) {
    refusesGhost(
      chain,
      await signDeviceList(nextList(chain, { devices, ...change }), signers),
      'device-list-rejected',
    )
  }
})

test('A02 a ghost device is refused from a device that was removed', async () => {
  const { chain } = await alices()
  const without = await extended(chain, { devices: [one] }, [signerNo(1)])
  const list = nextList(without, { devices: [one, ghost] })
  refusesGhost(without, await signDeviceList(list, [signerNo(2), signerNo(66)]), 'bad-signature')
})

test('A02 the recovery code brings no ghost in beside the devices that are there', async () => {
  const { chain } = await alices()
  const beside = nextList(chain, { devices: [one, two, ghost] })
  refusesGhost(chain, await signDeviceList(beside, [recoveryNo(9), signerNo(66)]), 'device-list-rejected')
  const instead = nextList(chain, { devices: [one, ghost] })
  refusesGhost(chain, await signDeviceList(instead, [recoveryNo(9), signerNo(66)]), 'device-list-rejected')
  const alone = nextList(chain, { devices: [ghost] })
  refusesGhost(chain, await signDeviceList(alone, [recoveryNo(9)]), 'bad-signature')
})

test('A02 a first list with a ghost beside the device that signed it is refused', async () => {
  const list = firstList('alice', 1, { devices: [one, ghost] })
  for (const signers of [[signerNo(1)], [signerNo(66)], [signerNo(1), signerNo(66)]]) {
    const object = await signDeviceList(list, signers)
    refuses(() => startChain(object, owner), 'device-list-rejected')
  }
})
