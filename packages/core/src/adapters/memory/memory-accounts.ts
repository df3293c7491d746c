import {
  SottoError,
  check,
  decodeDeviceList,
  deviceOf,
  equalBytes,
  extendChain,
  limits,
  preKeyKinds,
  startChain,
  verifyPreKey,
  type Chain,
  type PreKeyBundle,
  type Signed,
} from '@sotto/protocol'
import type { KeyCount, ListsSince, PreKeyUpload, Time } from '@sotto/core/ports'

/** A login's device, where it has proven that it is one. */
export interface Caller {
  readonly account: string
  readonly accountId?: string
  readonly device?: string
}

interface Keys {
  signedPreKey: Signed | undefined
  readonly unused: Map<number, Signed>
  /** Every one-time prekey that was ever published: none comes back once it was handed out. */
  readonly known: Map<number, Signed>
}

interface Account {
  chain: Chain
  readonly lists: Signed[]
  readonly keys: Map<string, Keys>
}

/** Told after a list was taken. */
export interface AccountsListener {
  listChanged(chain: Chain): void
  removed(devices: readonly string[]): void
  keysRunLow(device: string): void
}

const hourMs = 3_600_000

/** Lists and prekeys of all accounts, by the rules of a backend: chains are verified, a one-time prekey is handed out once. */
export class MemoryAccounts {
  readonly #realm: string
  readonly #time: Time
  readonly #listener: AccountsListener
  readonly #accounts = new Map<string, Account>()
  /** When a device last got a one-time prekey of another: `CLAIMING TARGET`. */
  readonly #claims = new Map<string, number>()

  constructor(options: { realm: string; time: Time; listener: AccountsListener }) {
    this.#realm = options.realm
    this.#time = options.time
    this.#listener = options.listener
  }

  chain(account: string): Chain | undefined {
    return this.#accounts.get(account)?.chain
  }

  chainOf(accountId: string): Chain | undefined {
    for (const { chain } of this.#accounts.values()) if (chain.accountId === accountId) return chain
    return undefined
  }

  lists(name: string, since?: ListsSince): readonly Signed[] {
    const account = this.#accounts.get(name)
    if (account === undefined) return []
    const from = since?.era === account.chain.list.era ? since.sequence : 0
    return account.lists.slice(from).map(copyOf)
  }

  publish(caller: Caller, given: Signed, keys?: PreKeyUpload): void {
    const list = copyOf(given)
    const owner = { realm: this.#realm, account: caller.account }
    const account = this.#accounts.get(caller.account)
    if (account === undefined) {
      check(decodeDeviceList(list.bytes).sequence === 1, 'lists-outdated')
      const first: Account = { chain: startChain(list, owner), lists: [list], keys: new Map() }
      const added =
        keys &&
        this.#verifyUpload(
          first.chain,
          first.chain.list.devices.map((one) => one.id),
          keys,
        )
      this.#accounts.set(caller.account, first)
      if (added !== undefined && keys !== undefined) this.#takeKeys(first, added, keys)
      this.#listener.listChanged(first.chain)
      return
    }
    if (account.lists.some((one) => equalBytes(one.bytes, list.bytes))) return
    const next = decodeDeviceList(list.bytes)
    const { chain } = account
    const fits =
      next.era === chain.list.era && next.sequence === chain.list.sequence + 1 && next.previous === chain.hash
    check(fits, 'lists-outdated')
    check(caller.device !== undefined, 'unauthorized')
    const extended = extendChain(chain, list)
    const before = chain.list.devices.map((one) => one.id)
    const after = extended.list.devices.map((one) => one.id)
    const joining = after.filter((id) => !before.includes(id))
    const added = keys && this.#verifyUpload(extended, joining, keys)
    check(joining.length === 0 || keys?.signedPreKey !== undefined, 'bad-prekey')
    account.chain = extended
    account.lists.push(list)
    const removed = before.filter((id) => !after.includes(id))
    for (const id of removed) account.keys.delete(id)
    if (added !== undefined && keys !== undefined) this.#takeKeys(account, added, keys)
    this.#listener.removed(removed)
    this.#listener.listChanged(extended)
  }

  /** Forgets an account, its devices and their mail, as a reset does: whoever publishes a first list now begins a new era. */
  reset(name: string): void {
    const chain = this.chain(name)
    if (chain === undefined) return
    this.#accounts.delete(name)
    this.#listener.removed(chain.list.devices.map((one) => one.id))
  }

  publishKeys(caller: Required<Caller>, keys: PreKeyUpload): void {
    const account = this.#own(caller)
    this.#verifyUpload(account.chain, [caller.device], keys)
    this.#takeKeys(account, caller.device, keys)
  }

  countKeys(caller: Required<Caller>): KeyCount {
    const keys = this.#own(caller).keys.get(caller.device)
    return {
      preKeys: keys?.unused.size ?? 0,
      signedPreKey: keys?.signedPreKey && this.#idOf(keys.signedPreKey, caller),
    }
  }

  claim(caller: Required<Caller>, name: string, device: string): PreKeyBundle | undefined {
    const account = this.#accounts.get(name)
    const keys = account?.keys.get(device)
    const owner = account && ownerOf(account.chain, device)
    if (account === undefined || owner === undefined || keys?.signedPreKey === undefined) return undefined
    try {
      verifyPreKey(keys.signedPreKey, owner, preKeyKinds.signed, this.#time.now())
    } catch {
      return undefined
    }
    const signedPreKey = copyOf(keys.signedPreKey)
    const who = `${caller.accountId}.${caller.device} ${account.chain.accountId}.${device}`
    const last = this.#claims.get(who)
    const now = this.#time.now()
    const [one] = keys.unused
    if (one === undefined || (last !== undefined && now - last < hourMs)) return { signedPreKey }
    this.#claims.set(who, now)
    keys.unused.delete(one[0])
    if (keys.unused.size < limits.preKeysLow) this.#listener.keysRunLow(device)
    return { signedPreKey, preKey: copyOf(one[1]) }
  }

  #own(caller: Required<Caller>): Account {
    const account = this.#accounts.get(caller.account)
    check(account !== undefined && account.chain.accountId === caller.accountId, 'unauthorized')
    return account
  }

  /** Verifies an upload as that of one of `devices`, and says of which. */
  #verifyUpload(
    chain: Chain,
    devices: readonly string[],
    { signedPreKey, preKeys }: PreKeyUpload,
  ): string | undefined {
    const now = this.#time.now()
    check(preKeys.length <= limits.preKeysHeld, 'quota-exceeded')
    for (const device of devices) {
      const owner = ownerOf(chain, device)
      if (owner === undefined) continue
      try {
        if (signedPreKey !== undefined) verifyPreKey(signedPreKey, owner, preKeyKinds.signed, now)
        for (const one of preKeys) verifyPreKey(one, owner, preKeyKinds.oneTime, now)
        return device
      } catch (error) {
        if (devices.length === 1) throw error
      }
    }
    throw new SottoError('bad-prekey')
  }

  #takeKeys(account: Account, device: string | undefined, { signedPreKey, preKeys }: PreKeyUpload): void {
    const owner = device === undefined ? undefined : ownerOf(account.chain, device)
    check(device !== undefined && owner !== undefined, 'bad-prekey')
    const keys: Keys = account.keys.get(device) ?? {
      signedPreKey: undefined,
      unused: new Map(),
      known: new Map(),
    }
    const fresh = new Map<number, Signed>()
    for (const one of preKeys) {
      const { id } = verifyPreKey(one, owner, preKeyKinds.oneTime, this.#time.now())
      const known = keys.known.get(id) ?? fresh.get(id)
      check(known === undefined || equalBytes(known.bytes, one.bytes), 'bad-prekey')
      if (known === undefined) fresh.set(id, copyOf(one))
    }
    check(keys.unused.size + fresh.size <= limits.preKeysHeld, 'quota-exceeded')
    for (const [id, one] of fresh) {
      keys.known.set(id, one)
      keys.unused.set(id, one)
    }
    if (signedPreKey !== undefined) keys.signedPreKey = copyOf(signedPreKey)
    account.keys.set(device, keys)
  }

  #idOf(signedPreKey: Signed, { account, device }: Required<Caller>): number | undefined {
    const chain = this.chain(account)
    const owner = chain && ownerOf(chain, device)
    // An expired one is still the one that is there.
    return owner && verifyPreKey(signedPreKey, owner, preKeyKinds.signed, 0).id
  }
}

function ownerOf(chain: Chain, device: string) {
  const found = deviceOf(chain, device)
  return (
    found && { realm: chain.realm, accountId: chain.accountId, device, signingKey: found.signingKey.bytes }
  )
}

const copyOf = (object: Signed): Signed => structuredClone(object)
