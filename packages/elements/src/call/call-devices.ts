import type { Call, CallState } from '@sotto/core'
import type { ReactiveController, ReactiveControllerHost } from 'lit'
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
  #found: readonly MediaDeviceInfo[] = []
  #watching = false
  #speaker = ''
  #chosen: Readonly<Partial<Record<Lost, string>>> = {}

  constructor(host: ReactiveControllerHost & { readonly renderRoot: ParentNode }, followed: Followed) {
    this.#host = host
    this.#followed = followed
    host.addController(this)
  }

  /** What was pulled out, or taken away by the system. */
  get lost(): readonly Lost[] {
    return this.#lost
  }

  /** Where the other side is heard; empty is wherever the browser plays all else. */
  get speaker(): string {
    return this.#speaker
  }

  of(kind: MediaDeviceKind): readonly MediaDeviceInfo[] {
    return this.#found.filter((one) => one.kind === kind && one.deviceId !== '')
  }

  /** Which device a list is to show as chosen, as far as that can be known. */
  chosen(source: Lost): string | undefined {
    return source === 'camera' ? (this.camera ?? this.#chosen.camera) : this.#chosen.microphone
  }

  choose(source: Lost, deviceId: string): void {
    this.#chosen = { ...this.#chosen, [source]: deviceId }
  }

  /** The camera that is on. */
  get camera(): string | undefined {
    return this.#followed.call?.streams.value.local?.getVideoTracks()[0]?.getSettings().deviceId
  }

  /** The person turns these on or off: it is no accident. */
  meant(sources: { readonly [S in keyof MediaSources]?: boolean | undefined }): void {
    this.#meant = { ...this.#meant, ...sources }
  }

  playTo(speaker: string): void {
    this.#speaker = speaker
    this.#host.requestUpdate()
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
    if (!goes) return this.#rest()
    this.#compare(before, sources)
    this.#watch()
  }

  hostUpdated(): void {
    if (!speakers) return
    for (const audio of this.#host.renderRoot.querySelectorAll('audio')) {
      // A speaker that is gone since: it is heard where all else is.
      if (audio.sinkId !== this.#speaker) void audio.setSinkId(this.#speaker).catch(() => undefined)
    }
  }

  hostDisconnected(): void {
    this.#rest()
  }

  /** Nobody is asked for anything: browsers list what a call has had the permission for. */
  #watch(): void {
    if (this.#watching) return
    this.#watching = true
    navigator.mediaDevices?.addEventListener('devicechange', this.#look)
    this.#look()
  }

  #compare(before: MediaSources | undefined, now: MediaSources): void {
    for (const source of ['microphone', 'camera'] as const) {
      if (now[source]) this.#lost = this.#lost.filter((one) => one !== source)
      else if (before?.[source] === true && this.#meant[source] !== false)
        this.#lost = [...this.#lost, source]
      if (this.#meant[source] === now[source]) this.#meant = { ...this.#meant, [source]: undefined }
    }
  }

  #rest(): void {
    if (!this.#watching) return
    this.#watching = false
    navigator.mediaDevices?.removeEventListener('devicechange', this.#look)
    this.#found = []
  }

  readonly #look = () =>
    void navigator.mediaDevices?.enumerateDevices().then(
      (found) => {
        if (!this.#watching) return
        this.#found = found
        this.#host.requestUpdate()
      },
      () => undefined,
    )
}

/** Not every browser lets a page say where it is heard. */
const speakers = typeof HTMLMediaElement !== 'undefined' && 'setSinkId' in HTMLMediaElement.prototype
