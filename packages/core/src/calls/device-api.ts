import type { MediaCheck, MediaDevicesChosen } from '../ports/index.js'
import type { Readable } from '../readable.js'

/** Devices for calls, by their `deviceId` (Media Capture and Streams, section 9.2.1). What is not named is the browser's choice. */
export interface DevicesChosen extends MediaDevicesChosen {
  /** Where the other side is to be heard. Whatever plays a call reads it. */
  readonly speaker?: string
}

/** A microphone and a camera that are tried before a call. Nothing leaves this device; a call that rings or is placed ends it. */
export type DeviceCheck = MediaCheck

export interface DeviceCheckOptions {
  /** A camera as well. */
  readonly video?: boolean
  /** Aborted: nobody waits for it any more, and what is captured is let go. */
  readonly signal?: AbortSignal
}

/** The devices of calls on this device, in all tabs. */
export interface CallDevices {
  readonly chosen: Readable<DevicesChosen>
  /**
   * Chooses devices for calls that begin from now on, and keeps that. An empty `deviceId` leaves it to the browser again. Rejects with
   * `wrong-argument`, `store-full`, `store-failed`. In a call, `Call.set` does this as well.
   */
  choose(devices: DevicesChosen): Promise<void>
  /**
   * Captures, to see and hear oneself without a call, until `close`. At most one at a time: another takes its place. A device that its `set`
   * chooses is kept as by `choose`. Rejects with `no-microphone`, `media-denied`, `media-in-use` where nothing can be had; with `call-refused` in a call,
   * and where there is nothing to call with; with `forbidden`.
   */
  check(options?: DeviceCheckOptions): Promise<DeviceCheck>
}
