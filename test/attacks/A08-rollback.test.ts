import { assert, test } from '#test'
import {
  compareReference,
  decodeChain,
  encodeChain,
  extendChain,
  limits,
  preKeyKinds,
  referenceTo,
  startChain,
  toHex,
  verifyPreKey,
  type Chain,
} from '@sotto/protocol'
import {
  chainOf,
  deviceNo,
  extended,
  now,
  oneTimePreKey,
  ownerNo,
  realm,
  signedBy,
  signedPreKey,
  signerNo,
} from '../protocol/made.js'
import { refuses } from '../protocol/refuses.js'

/** Every state of an account that has added a device, removed it, and gone on. */
async function history(): Promise<readonly Chain[]> {
  const first = await chainOf('alice', 1)
  const second = await extended(first, { devices: [deviceNo(1), deviceNo(2)] }, [signerNo(1), signerNo(2)])
  const third = await extended(second, { devices: [deviceNo(1)] }, [signerNo(1)])
  return [first, second, third, await extended(third, { madeAt: now + 1 }, [signerNo(1)])]
}

test('A08 control: whoever is behind follows the lists one by one', async () => {
  const states = await history()
  const [first, ...rest] = states
  if (first === undefined) throw new Error('a first list')
  let chain = startChain(first.head, { realm, account: 'alice' })
  for (const { head } of rest) chain = extendChain(chain, head)
  assert.equal(chain.hash, states[3]?.hash)
})

test('A08 no older list is taken after a newer one, whatever was stored in between', async () => {
  const states = await history()
  for (const [i, chain] of states.entries()) {
    const stored = decodeChain(encodeChain(chain))
    const before = toHex(encodeChain(stored))
    for (const older of states.slice(0, i + 1)) {
      refuses(() => extendChain(stored, older.head), 'device-list-rejected', 'out of sequence')
    }
    assert.equal(toHex(encodeChain(stored)), before)
  }
})

test('A08 a list that brings the removed device back is refused, also as the next list', async () => {
  const newest = (await history())[3]
  if (newest === undefined) throw new Error('four lists')
  assert.equal(newest.retired.size, 3)
  const back = extended(newest, { devices: [deviceNo(1), deviceNo(2)] }, [signerNo(1), signerNo(2)])
  let error: unknown
  await back.catch((thrown: unknown) => (error = thrown))
  refuses(
    () => {
      throw error as Error
    },
    'device-list-rejected',
    'a removed id or key returned',
  )
})

test('A08 a reference to an older list is older, never a reason to go back', async () => {
  const states = await history()
  for (const [i, chain] of states.entries()) {
    for (const [j, other] of states.entries()) {
      const standing = compareReference(referenceTo(other), chain)
      assert.equal(standing, j < i ? 'older' : j === i ? 'same' : 'newer')
    }
  }
})

test('A08 a fresh prekey shows that the lists a backend gave are old', async () => {
  const [first, , , newest] = await history()
  if (first === undefined || newest === undefined) throw new Error('four lists')
  const object = await signedBy(signedPreKey(newest, 1), 1)
  const { newest: named } = verifyPreKey(object, ownerNo(first, 1), preKeyKinds.signed, now)
  if (named === undefined) throw new Error('a reference')
  assert.equal(compareReference(named, first), 'newer')
  assert.equal(compareReference(named, newest), 'same')
})

test('A08 an old bundle serves 30 days and no longer', async () => {
  const chain = await chainOf('alice', 1)
  const object = await signedBy(signedPreKey(chain, 1), 1)
  const verify = (at: number) => verifyPreKey(object, ownerNo(chain, 1), preKeyKinds.signed, at)
  verify(now + limits.signedPreKeyMs - 1)
  for (const later of [0, 1, 86_400_000, 10 * 365 * 86_400_000])
    refuses(() => verify(now + limits.signedPreKeyMs + later), 'bad-prekey')
})

test('A08 an old bundle of a device with other keys, or of the account before a reset, is refused', async () => {
  const chain = await chainOf('alice', 1)
  const reset = await chainOf('alice', 3, { era: 1 })
  const object = await signedBy(signedPreKey(chain, 1), 1)
  refuses(() => verifyPreKey(object, ownerNo(reset, 3), preKeyKinds.signed, now), 'bad-signature')
  refuses(
    () => verifyPreKey(object, { ...ownerNo(chain, 1), accountId: reset.accountId }, preKeyKinds.signed, now),
    'bad-prekey',
  )
  const oneTime = await signedBy(oneTimePreKey(chain, 1), 1)
  const newKey = { ...ownerNo(chain, 1), signingKey: deviceNo(3).signingKey.bytes }
  refuses(() => verifyPreKey(oneTime, newKey, preKeyKinds.oneTime, now), 'bad-signature')
})

test('A08 the first list of an older era does not pass for the account of today', async () => {
  const today = await chainOf('alice', 3, { era: 1 })
  const before = await chainOf('alice', 1)
  refuses(() => extendChain(today, before.head), 'device-list-rejected', 'another era')
  assert.notEqual(before.accountId, today.accountId)
  assert.equal(compareReference(referenceTo(before), today), 'other-account')
})
