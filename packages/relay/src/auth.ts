import { createHash, randomBytes } from 'node:crypto'
import { check, limits, loginProofBytes, toBase64Url, verifySignature } from '@sotto/protocol'
import { sendsColumn } from './device-sends.js'
import { LoginTokens, type Caller } from './login-tokens.js'
import { readSiteTokens, type SiteUser, type TokenSettings } from './site-tokens.js'
import type { Storage } from './storage/storage.js'

export interface AuthOptions {
  readonly realm: string
  readonly origin: () => string
  readonly tokens: TokenSettings
  readonly storage: Storage
  readonly now: () => number
}

interface Asked {
  readonly caller: Caller
  readonly tokenHash: Uint8Array
  readonly until: number
}

interface DeviceRow {
  readonly account: string
  readonly account_id: string
  readonly signing_key: Uint8Array
  readonly epoch: number
  readonly sends: number
  readonly removed: number
}

const deviceSql = `SELECT d.account, d.account_id, d.signing_key, d.epoch, d.removed, ${sendsColumn} FROM devices d WHERE d.device = ?`
const standingSql = `SELECT d.epoch, d.removed, ${sendsColumn} FROM devices d WHERE d.device = ?`

const mostAsked = 100_000

/** Who somebody is: by the site's token whose account it is, by a signature which device. */
export class Auth {
  readonly #options: AuthOptions
  readonly #logins: LoginTokens
  readonly #siteUser: (token: string) => Promise<SiteUser>
  /** By nonce; the oldest comes first. */
  readonly #asked = new Map<string, Asked>()

  /** Throws `wrong-setting`. */
  constructor(options: AuthOptions) {
    this.#options = options
    this.#logins = new LoginTokens(options.now)
    this.#siteUser = readSiteTokens(options)
  }

  /** The account that a site's token speaks for. Rejects with `unauthorized`, `token-expired`, `backend-failed`. */
  readonly siteAccount = async (token: string): Promise<string> => (await this.#siteUser(token)).account

  /** Step one: a nonce for this device to sign. Nothing is said yet about what is known of it. */
  async ask(token: string, claimed: Omit<Caller, keyof SiteUser>): Promise<string> {
    const user = await this.#siteUser(token)
    const nonce = toBase64Url(randomBytes(32))
    const tokenHash = createHash('sha256').update(token).digest()
    this.#forgetOldNonces()
    const until = this.#options.now() + limits.nonceMs
    this.#asked.set(nonce, { caller: { ...claimed, ...user }, tokenHash, until })
    return nonce
  }

  /**
   * Step two: the signature, by the key that the newest list names. A nonce serves once, whatever comes of it. Rejects with `unauthorized`,
   * `unknown-device`, `device-removed`, `rolled-back`.
   */
  async prove(
    nonce: string,
    signature: Uint8Array,
  ): Promise<{ readonly token: string; readonly expiresInMs: number }> {
    const { realm, origin, storage, now } = this.#options
    const asked = this.#asked.get(nonce)
    this.#asked.delete(nonce)
    check(asked !== undefined && asked.until > now(), 'unauthorized')
    const { caller, tokenHash } = asked
    const { accountId, device, epoch, sends } = caller
    const bytes = loginProofBytes({
      realm,
      relay: origin(),
      accountId,
      device,
      epoch,
      nonce: Buffer.from(nonce, 'base64url'),
      tokenHash,
      sends,
    })
    await storage.write(async (rows) => {
      const row = await rows.get<DeviceRow>(deviceSql, device)
      check(row !== undefined && row.account === caller.account, 'unknown-device')
      check(row.account_id === accountId, 'unknown-device')
      check(verifySignature(new Uint8Array(row.signing_key), bytes, signature) === true, 'unauthorized')
      check(row.removed === 0, 'device-removed')
      check(epoch >= row.epoch && sends >= row.sends, 'rolled-back', { epoch: row.epoch, sends: row.sends })
      if (epoch > row.epoch) await rows.run('UPDATE devices SET epoch = ? WHERE device = ?', epoch, device)
    })
    return { token: this.#logins.issue(caller), expiresInMs: limits.tokenMs }
  }

  /** The device that a token of ours was given to. Throws `unauthorized`, `token-expired`. */
  claimed(token: string): Caller {
    return this.#logins.callerOf(token)
  }

  /**
   * The device that a token of ours was given to, if it still is one and no newer leader of it has logged in since. Rejects with
   * `unauthorized`, `token-expired`, `device-removed`, `rolled-back`.
   */
  async caller(token: string): Promise<Caller> {
    const caller = this.#logins.callerOf(token)
    const row = await this.#options.storage.read((rows) =>
      rows.get<Pick<DeviceRow, 'epoch' | 'sends' | 'removed'>>(standingSql, caller.device),
    )
    // Another node may have taken the list that removed it.
    check(row?.removed === 0, 'device-removed')
    check(caller.epoch >= row.epoch, 'rolled-back', { epoch: row.epoch, sends: row.sends })
    return caller
  }

  /** Ends what removed devices were given. */
  forget(devices: readonly string[]): void {
    this.#logins.forget(devices)
  }

  /** Forgets what has run out. */
  sweep(): void {
    this.#logins.sweep()
    this.#forgetOldNonces()
  }

  #forgetOldNonces(): void {
    const now = this.#options.now()
    for (const [nonce, { until }] of this.#asked) {
      if (until > now && this.#asked.size < mostAsked) return
      this.#asked.delete(nonce)
    }
  }
}
