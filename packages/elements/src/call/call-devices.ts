import type { Call, CallState, CallDevices as KeptDevices } from '@sotto/core'
import type { ReactiveController, ReactiveControllerHost } from 'lit'
import { DeviceList } from './device-list.js'
import type { MediaSources } from './media-types.js'

type Lost = 'microphone' | 'camera'

interface Followed {
  readonly call: Call | undefined
  readonly state: CallState | undefined
  readonly sources: MediaSources
}

/**
 * The devices of a call: what there is to choose from while somebody chooses, where the other side is heard, and what of our own went away
 * without being turned off.
 */
export class CallDevices implements ReactiveController {
  readonly #host: ReactiveControllerHost & { readonly renderRoot: ParentNode }
  readonly #followed: Followed
  #call: Call | undefined
  #before: MediaSources | undefined
  #meant: { readonly [S in keyof MediaSources]?: boolean | undefined } = {}
  #lost: readonly Lost[] = []
  readonly #list: DeviceList
  readonly #kept: () => KeptDevices | undefined
  #speaker: string | undefined
  #chosen: Readonly<Partial<Record<Lost, string>>> = {}

  constructor(
    host: ReactiveControllerHost & { readonly renderRoot: ParentNode },
    followed: Followed,
    kept: () => KeptDevices | undefined,
  ) {
    this.#host = host
    this.#followed = followed
    this.#kept = kept
    this.#list = new DeviceList(host)
    host.addController(this)
  }

  /** What was pulled out, or taken away by the system. */
  get lost(): readonly Lost[] {
    return this.#lost
  }

  /** Where the other side is heard; empty is wherever the browser plays all else. */
  get speaker(): string {
    return this.#speaker ?? this.#kept()?.chosen.value.speaker ?? ''
  }

  of(kind: MediaDeviceKind): readonly MediaDeviceInfo[] {
    return this.#list.of(kind)
  }

  /** Which device a list is to show as chosen, as far as that can be known. */
  chosen(source: Lost): string | undefined {
    return (source === 'camera' ? this.camera : this.#microphone) ?? this.#chosen[source]
  }

  choose(source: Lost, deviceId: string): void {
    this.#chosen = { ...this.#chosen, [source]: deviceId }
  }

  /** The camera that is on. */
  get camera(): string | undefined {
    return this.#followed.call?.streams.value.local?.getVideoTracks()[0]?.getSettings().deviceId
  }

  get #microphone(): string | undefined {
    return this.#followed.call?.streams.value.voice?.getAudioTracks()[0]?.getSettings().deviceId
  }

  /** The person turns these on or off: it is no accident. */
  meant(sources: { readonly [S in keyof MediaSources]?: boolean | undefined }): void {
    this.#meant = { ...this.#meant, ...sources }
  }

  playTo(speaker: string): void {
    this.#speaker = speaker
    this.#host.requestUpdate()
    // Heard there in this call even where it could not be kept.
    void this.#kept()
      ?.choose({ speaker })
      .catch(() => undefined)
  }

  hostUpdate(): void {
    const { call, state, sources } = this.#followed
    if (call !== this.#call) {
      this.#before = undefined
      this.#lost = []
    }
    this.#call = call
    const before = this.#before
    const goes = state?.here === true && (state.phase === 'connected' || state.phase === 'lost')
    this.#before = goes ? sources : undefined
    if (!goes) return this.#list.rest()
    this.#compare(before, sources)
    this.#list.watch()
  }

  hostUpdated(): void {
    if (!speakers) return
    for (const audio of this.#host.renderRoot.querySelectorAll('audio')) {
      // A speaker that is gone since: it is heard where all else is.
      if (audio.sinkId !== this.speaker) void audio.setSinkId(this.speaker).catch(() => undefined)
    }
  }

  hostDisconnected(): void {
    this.#list.rest()
  }

  #compare(before: MediaSources | undefined, now: MediaSources): void {
    for (const source of ['microphone', 'camera'] as const) {
      if (now[source]) this.#lost = this.#lost.filter((one) => one !== source)
      else if (before?.[source] === true && this.#meant[source] !== false)
        this.#lost = [...this.#lost, source]
      if (this.#meant[source] === now[source]) this.#meant = { ...this.#meant, [source]: undefined }
    }
  }
}

/** Not every browser lets a page say where it is heard. */
const speakers = typeof HTMLMediaElement !== 'undefined' && 'setSinkId' in HTMLMediaElement.prototype
