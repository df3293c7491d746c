import type { PreKeyBundle, Signed } from '@sotto/protocol'

export interface ListsSince {
  readonly era: number
  readonly sequence: number
}

export interface PreKeyUpload {
  readonly signedPreKey?: Signed
  readonly preKeys: readonly Signed[]
}

export interface KeyCount {
  readonly preKeys: number
  /** Id of the signed prekey that the backend hands out, if any. */
  readonly signedPreKey: number | undefined
}

/**
 * Says which devices an account has and hands out their prekeys. Nothing it says is believed before it is verified. Every call may reject
 * with `offline`, `unauthorized`, `rate-limited`, `backend-failed`, `aborted`.
 */
export interface Directory {
  /**
   * Appends one list to our account's chain; the same bytes again are a success. A first list needs only the site's token; a list that adds
   * a device comes with that device's first prekeys. Rejects with `lists-outdated` when the backend's chain is another.
   */
  publish(list: Signed, keys?: PreKeyUpload): Promise<void>
  /** The lists of an account's newest era, in order, after `since` (all of them where that is another era or not given). Empty for an unknown name. */
  lists(account: string, since?: ListsSince): Promise<readonly Signed[]>
  /** Adds one-time prekeys of this device and replaces its signed prekey where one is given. The same again is a success. */
  publishKeys(keys: PreKeyUpload): Promise<void>
  countKeys(): Promise<KeyCount>
  /** Takes a bundle and uses up a one-time prekey. `undefined` where the device has no signed prekey or is not on the newest list. */
  claim(account: string, device: string): Promise<PreKeyBundle | undefined>
}
