import type { CallState, Profile } from '@sotto/core'
import type { MediaQuality, MediaSources, MediaStreams } from './media-types.js'
import { html, type TemplateResult } from 'lit'
import { live } from 'lit/directives/live.js'
import { icon } from '../icons.js'
import type { Localizer } from '../locales/localizer.js'
import { avatar } from '../pieces/avatar.js'
import type { CallActions } from './call-actions.js'
import type { CallDevices } from './call-devices.js'
import { lostWords } from './call-news.js'
import { lasted } from './call-words.js'
import type { CornerController } from './corner-controller.js'

/** Who it is with, how it stands, and what can be done. */
export interface CallShown {
  readonly words: Localizer
  readonly account: string
  readonly profile: Profile
  /** As it may stand in a sentence. */
  readonly name: string
  readonly state: CallState
  readonly status: string
  readonly actions: CallActions
}

interface Screen extends CallShown {
  readonly pictures: Pictures
  readonly sources: MediaSources
  readonly theirSources: MediaSources | undefined
  /** Whether it was to be a video call, and the other side takes part by voice alone. */
  readonly isVoiceAfterAll: boolean
  /** Whether the site lets this account use video. */
  readonly mayVideo: boolean
  /** What of our own went away by itself. */
  readonly lost: CallDevices['lost']
  readonly corner: CornerController
  /** What went wrong while it goes on. */
  readonly wrong: { readonly text: string; readonly close: () => void } | undefined
  readonly controls: TemplateResult
  readonly minimise: () => void
}

/** What there is to be seen: each is there only while it really shows something. */
export interface Pictures {
  readonly theirs: MediaStream | undefined
  readonly theirScreen: MediaStream | undefined
  readonly own: MediaStream | undefined
}

interface Given {
  readonly streams: MediaStreams | undefined
  readonly sources: MediaSources
  readonly theirSources: MediaSources | undefined
}

export function picturesOf(
  state: CallState | undefined,
  { streams, sources, theirSources }: Given,
): Pictures {
  const seen = (stream: MediaStream | undefined, on: boolean) =>
    on && stream !== undefined && stream.getVideoTracks().length > 0 ? stream : undefined
  const video = state?.video === true
  return {
    theirs: seen(streams?.remote, video && theirSources?.camera !== false),
    theirScreen: seen(streams?.remoteScreen, theirSources?.screen === true),
    own: seen(streams?.local, video && sources.camera),
  }
}

interface Going {
  readonly state: CallState
  readonly quality: MediaQuality
  readonly lastedMs: number
}

/** How a call stands, under the name. */
export function callStatus(words: Localizer, { state, quality, lastedMs }: Going): string {
  switch (state.phase) {
    case 'ringing':
      return words.say(state.alerting ? 'ringing' : 'calling')
    case 'accepted':
      return words.say('callConnecting')
    case 'lost':
      return words.say('callReconnecting')
    default:
      return `${lasted(lastedMs)} · ${words.say(qualities[quality])}`
  }
}

const qualities = { good: 'qualityGood', fair: 'qualityFair', poor: 'qualityPoor' } as const

/** The call itself: the other person fills it. */
export function callScreen(screen: Screen): TemplateResult {
  const { words, account, profile, state, status, pictures, minimise, controls } = screen
  const main = pictures.theirScreen ?? pictures.theirs
  const smaller = words.say('minimiseCall')
  return html`${main === undefined ? null : video(main, `their ${pictures.theirScreen === undefined ? '' : 'whole'}`)}
    ${
      main === undefined
        ? html`<div class="face ${state.phase === 'ringing' ? 'waits' : ''}">
            ${avatar(account, profile)}
          </div>`
        : null
    }
    <div class="head">
      <div class="titles">
        <h2 part="name" dir="auto" title=${account}>${profile.name}</h2>
        <p part="status">${status}</p>
      </div>
      <button
        class="round"
        part="minimise"
        type="button"
        aria-label=${smaller}
        title=${smaller}
        @click=${minimise}
      >
        ${icon('minimise')}
      </button>
    </div>
    ${own(screen)}
    <div class="foot">${notes(screen)} ${consent(screen)} ${wrong(screen)} ${controls}</div>`
}

function notes(screen: Screen): TemplateResult | null {
  const { words, name, state, sources, theirSources, lost, pictures, isVoiceAfterAll } = screen
  if (state.phase !== 'connected') return null
  const said = [
    ...lost.map((one) => lostWords(words, one)),
    state.asks === 'we' ? words.say('weAskVideo', name) : '',
    isVoiceAfterAll ? words.say('theirVoiceOnly', name) : '',
    theirSources?.microphone === false ? words.say('theirMicrophoneOff', name) : '',
    state.video && pictures.theirs === undefined && theirSources?.camera === false
      ? words.say('theirCameraOff', name)
      : '',
    sources.screen ? words.say('sharingScreen') : '',
  ].filter((one) => one !== '')
  return said.length === 0
    ? null
    : html`<ul class="notes">
        ${said.map((one) => html`<li>${one}</li>`)}
      </ul>`
}

/** Nobody is seen who has not agreed to it. */
function consent({ words, name, state, actions, mayVideo }: Screen): TemplateResult | null {
  if (state.asks !== 'they') return null
  return html`<div class="asks" part="consent">
    <h3 dir="auto">${words.say('theyAskVideo', name)}</h3>
    <p>${words.say(mayVideo ? 'theyAskVideoText' : 'videoForbidden')}</p>
    <div class="buttons">
      <button class="button" part="button" type="button" @click=${actions.refuseVideo}>
        ${words.say('refuseVideo')}
      </button>
      ${
        mayVideo
          ? html`<button class="button agree" part="button" type="button" @click=${actions.agreeVideo}>
              ${words.say('agreeVideo')}
            </button>`
          : null
      }
    </div>
  </div>`
}

function wrong({ words, wrong: what }: Screen): TemplateResult | null {
  if (what === undefined) return null
  const close = words.say('close')
  return html`<div class="asks wrong" part="wrong" role="alert">
    <p>${what.text}</p>
    <button class="round" type="button" aria-label=${close} title=${close} @click=${what.close}>
      ${icon('close')}
    </button>
  </div>`
}

function own({ words, pictures, corner }: Screen): TemplateResult | null {
  if (pictures.own === undefined) return null
  const { block, inline } = corner.corner
  return html`<button
    class="own ${block} ${inline}-side"
    part="own"
    type="button"
    aria-label=${words.say('ownPicture')}
    @pointerdown=${corner.take}
    @pointermove=${corner.drag}
    @pointerup=${corner.drop}
    @pointercancel=${corner.letGo}
    @keydown=${corner.press}
    @click=${corner.next}
  >
    ${video(pictures.own, 'mirror')}
  </button>`
}

/** A picture without its sound, which is played apart so that it goes on when the picture is not shown. Firefox would stop at it with Tab. */
function video(stream: MediaStream, look: string): TemplateResult {
  return html`<video
    class=${look}
    tabindex="-1"
    autoplay
    playsinline
    ?disablepictureinpicture=${look === 'mirror'}
    .muted=${true}
    .srcObject=${live(stream)}
    @resize=${shape}
  ></video>`
}

/** High pictures in wide rooms, and the other way round, are shown whole. */
function shape(event: Event): void {
  const { videoWidth, videoHeight, classList } = event.target as HTMLVideoElement
  classList.toggle('high', videoHeight > videoWidth)
  classList.toggle('broad', videoWidth > videoHeight)
}
