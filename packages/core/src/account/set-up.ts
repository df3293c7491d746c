import { SottoError, check, encodeChain, extendChain, hashOfList, type Chain } from '@sotto/protocol'
import type { Directory, KeyPolicy, SessionCipher, Time } from '../ports/index.js'
import { makeFreshKeys, putPreKeys } from '../sessions/prekeys.js'
import { freshCounters } from '../store/fresh-counters.js'
import type { Run } from '../store/rows.js'
import { counterRows, selfRows } from '../store/tables.js'
import { forgetDevice, makeDevice, putDevice, putOwnChain, readDevice, type OwnDevice } from './own-device.js'
import { publishPending, signFirstList } from './own-lists.js'
import { wasUsed } from './whole-store.js'

export interface SetUpContext {
  readonly realm: string
  readonly account: string
  readonly directory: Directory
  readonly cipher: SessionCipher
  readonly run: Run
  readonly time: Time
  readonly policy: () => Promise<KeyPolicy>
  /** Of the leader: the run in which a new device begins to count. */
  readonly epoch: number
}

/**
 * This device, set up: made, with the account's first list, where neither the store nor the backend knows one. A browser without keys,
 * where the backend knows a list, rejects with `not-set-up-here` and starts nothing. One that has written and lost its keys, where the backend
 * knows none, rejects with `store-damaged`: a new identity is never made silently.
 */
export async function ensureDevice(context: SetUpContext): Promise<OwnDevice> {
  const { run } = context
  const known = await run(readDevice)
  if (known !== undefined) return known
  const { account, directory, realm, time, cipher, policy, epoch } = context
  check((await directory.lists(account)).length === 0, 'not-set-up-here')
  check(!(await run(wasUsed)), 'store-damaged', { what: selfRows.name })
  const made = await makeDevice(cipher, await policy(), time.now())
  const chain = await signFirstList(made, realm, account, 0, time.now())
  await run(async (rows) => {
    check((await selfRows.get(rows, 'self')) === undefined, 'conflict')
    putDevice(rows, made, chain, false)
    counterRows.put(rows, 'counters', { ...freshCounters, run: epoch })
  })
  const own = await run(readDevice)
  check(own !== undefined, 'store-damaged', { what: 'self' })
  return own
}

/**
 * Brings our own chain and the backend's together, at every connect: publishes ours again, byte for byte, where the backend has fallen
 * behind; follows it where another device of ours has signed on. Rejects with `device-removed`, `device-list-fork`, `not-set-up-here`.
 */
export async function syncOwnLists(own: OwnDevice, context: SetUpContext): Promise<OwnDevice> {
  const { directory, run, account } = context
  if (!own.published) await publishFirst(own, context)
  const pending = await publishPending(own, { directory, run })
  let chain: Chain = pending ?? own.chain
  const { era, sequence } = chain.list
  const lists = await directory.lists(account, sequence === 1 ? undefined : { era, sequence: sequence - 1 })
  const [first, ...later] = lists
  if (first === undefined) await directory.publish(chain.head)
  else {
    // The backend's list of our newest one's place has to be that very list.
    check(hashOfList(first.bytes) === chain.hash, 'device-list-fork')
    for (const one of later) chain = extendChain(chain, one)
  }
  if (chain.hash !== own.chain.hash || !own.published) await run((rows) => putOwnChain(rows, chain, true))
  const on = chain.list.devices.some((one) => one.id === own.address.device)
  check(on, 'device-removed')
  const next = await run(readDevice)
  check(next !== undefined, 'store-damaged', { what: 'self' })
  return next
}

/** The first publication of a device that was stored and never known to be taken: its list goes together with its first prekeys. */
async function publishFirst(own: OwnDevice, { directory, run, cipher, time }: SetUpContext): Promise<void> {
  if (own.chain.list.sequence !== 1) return
  const fresh = await makeFreshKeys(cipher, own, 1, 100)
  const keys = await run((rows) => putPreKeys(rows, own, fresh, time.now()))
  const { head } = own.chain
  try {
    await directory.publish(head, keys).catch(async (error: unknown) => {
      if (!SottoError.is(error, 'bad-prekey')) throw error
      // Our clock is further from the backend's than a prekey may be. Others are made when the backend has said what time it is.
      await directory.publish(head)
    })
  } catch (error) {
    if (!SottoError.is(error, 'lists-outdated')) throw error
    // Another device was the first, after all. Ours was never known to anybody: it is forgotten, and nothing is started.
    await run(async (rows) => forgetDevice(rows))
    throw new SottoError('not-set-up-here', undefined, { cause: error })
  }
  await run(async (rows) => {
    const row = await selfRows.get(rows, 'self')
    if (row !== undefined)
      selfRows.put(rows, 'self', { ...row, chain: encodeChain(own.chain), published: true })
  })
}
