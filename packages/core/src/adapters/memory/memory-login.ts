import { sha256 } from '@noble/hashes/sha2.js'
import { check, deviceOf, limits, loginProofBytes, randomBytes, utf8, verifySignature } from '@sotto/protocol'
import type { Login } from '@sotto/core/ports'
import type { Caller } from './memory-accounts.js'
import type { MemoryLink } from './memory-link.js'
import type { MemoryNetwork } from './memory-network.js'

/** A device, and what the site lets its account do. */
type Member = Required<Caller> & { readonly features: ReadonlySet<string> | undefined }

interface Session {
  readonly caller: Member
  readonly epoch: number
  readonly until: number
}

/** A backend's login of one device: the site's token, and a proof by the device's key, as a relay asks for it. */
export class MemoryLogin {
  readonly #network: MemoryNetwork
  readonly #link: MemoryLink
  readonly #login: () => Login
  #session: Session | undefined

  constructor(network: MemoryNetwork, link: MemoryLink, login: () => Login) {
    this.#network = network
    this.#link = link
    this.#login = login
  }

  /** Calls `question` for the account that the site's token names: to read lists, and to publish a first one. */
  async byToken<T>(question: (caller: Caller) => T, signal?: AbortSignal): Promise<T> {
    const { account } = await this.#token(signal)
    return this.#link.ask(() => question({ account }))
  }

  /** Calls `question` for this device. Rejects with `unauthorized`, `device-removed`, `rolled-back`. */
  async byDevice<T>(question: (caller: Member, epoch: number) => T, signal?: AbortSignal): Promise<T> {
    const { caller, epoch } = await this.#logIn(signal)
    return this.#link.ask(() => {
      this.#checkDevice(caller, epoch)
      return question(caller, epoch)
    })
  }

  async #token(
    signal = new AbortController().signal,
  ): Promise<{ login: Login; token: string } & Pick<Member, 'account' | 'features'>> {
    check(this.#link.isUp, 'offline')
    const login = this.#login()
    const token = await login.token({ signal })
    check(!signal.aborted, 'aborted')
    check(login.realm === this.#network.realm, 'forbidden')
    const account = this.#network.accountOf(token)
    check(account !== undefined, 'unauthorized')
    check(account === login.account, 'wrong-account')
    return { login, token, account, features: this.#network.featuresOf(token) }
  }

  async #logIn(signal?: AbortSignal): Promise<Session> {
    const { accountId, device, epoch, sends } = this.#login()
    const known = this.#session
    if (
      known?.caller.device === device &&
      known.epoch === epoch &&
      known.until > this.#network.time.monotonic()
    )
      return known
    const { login, token, account, features } = await this.#token(signal)
    const caller = { account, accountId, device, features }
    const { realm } = this.#network
    check(accountId !== '' && device !== '', 'unauthorized')
    const proof = {
      realm,
      relay: 'memory:',
      accountId,
      device,
      epoch,
      nonce: randomBytes(32),
      tokenHash: sha256(utf8(token)),
      sends,
    }
    const bytes = loginProofBytes(proof)
    const signature = await login.sign(bytes)
    return this.#link.ask(() => {
      const key = this.#checkDevice(caller, epoch)
      check(verifySignature(key, bytes, signature) === true, 'unauthorized')
      this.#network.checkSends(device, sends)
      this.#network.raiseEpoch(device, epoch)
      return (this.#session = { caller, epoch, until: this.#network.time.monotonic() + limits.tokenMs })
    })
  }

  /** The signing key of a device that may be here. */
  #checkDevice({ account, accountId, device }: Required<Caller>, epoch: number): Uint8Array {
    const chain = this.#network.accounts.chain(account)
    check(chain !== undefined && chain.accountId === accountId, 'unauthorized')
    check(!chain.retired.has(device), 'device-removed')
    const found = deviceOf(chain, device)
    check(found !== undefined, 'unauthorized')
    const highest = this.#network.epochOf(device)
    check(epoch >= highest, 'rolled-back', this.#network.knownOf(device))
    return found.signingKey.bytes
  }
}
