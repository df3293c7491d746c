import {
  SottoError,
  type Batch,
  check,
  decodeDeviceList,
  isAccountName,
  allowsCall,
  randomBytes,
  readFeatures,
  requireAccountName,
  toBase64Url,
  toHex,
  utf8,
} from '@sotto/protocol'
import type { Backend, Directory, MediaServer, MediaServers, Sent, Time, Transport } from '@sotto/core/ports'
import { MemoryAccounts, type Caller } from './memory-accounts.js'
import { MemoryConnection } from './memory-connection.js'
import { MemoryLink } from './memory-link.js'
import { MemoryLogin } from './memory-login.js'
import { MemoryMailboxes } from './memory-mailboxes.js'
import { MemoryDeposits, memoryBlobs, memoryVault } from './memory-vault.js'

/** What a backend wakes a device for (`Connection.onwake`). */
const wakes = Object.freeze({ lists: 1, preKeys: 2 })

/**
 * A site and its backend in memory, by the rules of a relay: it believes no list, prekey or login that does not verify, hands out a one-time
 * prekey once, takes a batch whole or refuses it whole, and keeps envelopes until they are acknowledged. For tests, and clients in one process.
 */
export class MemoryNetwork {
  readonly realm: string
  readonly time: Time
  readonly accounts: MemoryAccounts
  /** Named to those who call. */
  servers: readonly MediaServer[] = []
  readonly #mailboxes: MemoryMailboxes
  readonly #deposits: MemoryDeposits
  readonly #blobs = new Map<string, Uint8Array>()
  readonly #tokens = new Map<string, { readonly account: string; readonly features: unknown }>()
  readonly #epochs = new Map<string, number>()
  readonly #sends = new Map<string, number>()
  readonly #connections = new Map<string, MemoryConnection>()

  constructor(options: { readonly realm: string; readonly time: Time }) {
    const { realm, time } = options
    this.realm = realm
    this.time = time
    this.#deposits = new MemoryDeposits(time)
    this.accounts = new MemoryAccounts({
      realm,
      time,
      listener: {
        removed: (devices) => {
          for (const device of devices) this.#remove(device)
        },
        listChanged: ({ list }) => {
          for (const { id } of list.devices) this.#connections.get(id)?.wake(wakes.lists)
        },
        keysRunLow: (device) => this.#connections.get(device)?.wake(wakes.preKeys),
      },
    })
    this.#mailboxes = new MemoryMailboxes({
      accounts: this.accounts,
      realm,
      time,
      arrived: (device, mail) => this.#connections.get(device)?.arrive(mail),
    })
  }

  /**
   * What the site's server would sign for its user: a token that this network, and no other, believes. `features` is what that user may do:
   * everything without it.
   */
  token(account: string, features?: readonly unknown[]): string {
    requireAccountName(account)
    const claims = { sub: account, aud: this.realm, ...(features === undefined ? {} : { features }) }
    const part = (value: object) => toBase64Url(utf8(JSON.stringify(value)))
    const token = `${part({ alg: 'none' })}.${part(claims)}.${toHex(randomBytes(16))}`
    this.#tokens.set(token, { account, features })
    return token
  }

  accountOf(token: string): string | undefined {
    return this.#tokens.get(token)?.account
  }

  /** What a token lets its user do; `undefined` is everything. Throws `unauthorized`. */
  featuresOf(token: string): ReadonlySet<string> | undefined {
    return readFeatures(this.#tokens.get(token)?.features)
  }

  /** A backend over a link of its own, or over `link`, which can be cut. */
  backend(link: MemoryLink = new MemoryLink()): Backend {
    return (login) => {
      const session = new MemoryLogin(this, link, login)
      return {
        transport: this.#transport(session, link),
        directory: this.#directory(session),
        servers: this.#servers(session),
        vault: memoryVault(session, this.#deposits),
        blobs: memoryBlobs(session, link, this.#blobs),
      }
    }
  }

  epochOf(device: string): number {
    return this.#epochs.get(device) ?? 0
  }

  /** Remembers the highest epoch of a device. */
  raiseEpoch(device: string, epoch: number): void {
    this.#epochs.set(device, Math.max(epoch, this.epochOf(device)))
  }

  /** The latest that is known of a device: what one that has forgotten some of it is told. */
  knownOf(device: string): { readonly epoch: number; readonly sends: number } {
    return { epoch: this.epochOf(device), sends: this.#sends.get(device) ?? 0 }
  }

  /** Throws `rolled-back` for a device that has sent more than it knows of. */
  checkSends(device: string, sends: number): void {
    const known = this.knownOf(device)
    check(sends >= known.sends, 'rolled-back', known)
  }

  /** How many envelopes wait for a device. */
  waitingFor(device: string): number {
    return this.#mailboxes.waiting(device).length
  }

  #transport(session: MemoryLogin, link: MemoryLink): Transport {
    return {
      open: ({ signal }) =>
        session.byDevice((caller) => {
          check(!signal.aborted, 'aborted')
          const { device } = caller
          const connection = new MemoryConnection(link, {
            send: (batch) => this.#send(caller, batch),
            ack: (number) => this.#mailboxes.ack(device, number),
            closed: (closed) => {
              if (this.#connections.get(device) === closed) this.#connections.delete(device)
              signal.removeEventListener('abort', abort)
            },
          })
          const abort = () => connection.close()
          signal.addEventListener('abort', abort, { once: true })
          this.#connections.get(device)?.end(new SottoError('replaced'))
          this.#connections.set(device, connection)
          for (const mail of this.#mailboxes.waiting(device)) connection.arrive(mail)
          return connection
        }, signal),
    }
  }

  #send(caller: Required<Caller>, batch: Batch): Sent {
    const sent = this.#mailboxes.send(caller, batch)
    const { device } = caller
    if (sent.outcome === 'sent') this.#sends.set(device, Math.max(batch.sends, this.knownOf(device).sends))
    return sent
  }

  #directory(session: MemoryLogin): Directory {
    const { accounts } = this
    return {
      publish: async (list, keys) => {
        const publish = (caller: Caller) => accounts.publish(caller, list, keys)
        // A device that is on no list yet cannot prove itself: a first list needs the site's token alone.
        const isFirst = decodeDeviceList(list.bytes).sequence === 1
        return isFirst ? session.byToken(publish) : session.byDevice(publish)
      },
      lists: async (account, since) => {
        check(isAccountName(account), 'wrong-argument', { name: 'account' })
        return session.byToken(() => accounts.lists(account, since))
      },
      publishKeys: (keys) => session.byDevice((caller) => accounts.publishKeys(caller, keys)),
      countKeys: () => session.byDevice((caller) => accounts.countKeys(caller)),
      claim: (account, device) => session.byDevice((caller) => accounts.claim(caller, account, device)),
    }
  }

  #servers(session: MemoryLogin): MediaServers {
    return {
      list: () =>
        session.byDevice(({ features }) => {
          check(allowsCall(features, { video: false }), 'forbidden')
          return this.servers
        }),
    }
  }

  #remove(device: string): void {
    this.#connections.get(device)?.end(new SottoError('device-removed'))
    this.#mailboxes.remove(device)
  }
}

/** A network for one realm. `time` is what it stamps by. */
export function memoryNetwork(options: { readonly realm: string; readonly time: Time }): MemoryNetwork {
  return new MemoryNetwork(options)
}
