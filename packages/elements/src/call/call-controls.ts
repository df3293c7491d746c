import type { CallState } from '@sotto/core'
import type { MediaSources } from './media-types.js'
import { html, nothing, type TemplateResult } from 'lit'
import { icon, type IconName } from '../icons.js'
import type { Localizer } from '../locales/localizer.js'
import type { CallActions } from './call-actions.js'

interface Controls {
  readonly words: Localizer
  readonly state: CallState
  readonly sources: MediaSources
  /** Whether there is one to be muted, or was. */
  readonly hasMicrophone: boolean
  readonly actions: CallActions
  /** Whether video may be had here at all. */
  readonly mayVideo: boolean
  /** Whether this browser can show a screen to somebody. */
  readonly mayShare: boolean
  /** Opens what is rarely needed, at the button that was pressed. `undefined`: there is nothing. */
  readonly more: ((event: Event) => void) | undefined
}

/** One row of round buttons. White is what differs from a plain call: muted, seen, shared. */
export function callControls(controls: Controls): TemplateResult {
  const { words, state, sources, hasMicrophone, actions, mayVideo, mayShare, more } = controls
  const { turn, hangUp } = actions
  const { microphone, screen } = sources
  const talks = state.phase === 'connected' || state.phase === 'lost'
  return html`<div class="controls" part="controls" role="group" aria-label=${words.say('controls')}>
    ${
      hasMicrophone
        ? control({
            label: words.say(microphone ? 'microphoneOff' : 'microphoneOn'),
            picture: microphone ? 'microphone' : 'microphoneOff',
            on: !microphone,
            run: () => turn({ microphone: !microphone }),
          })
        : null
    }
    ${talks && mayVideo ? camera(controls) : null}
    ${
      talks && mayShare
        ? control({
            label: words.say(screen ? 'screenOff' : 'screenOn'),
            picture: 'screen',
            on: screen,
            run: () => turn({ screen: !screen }),
          })
        : null
    }
    ${
      talks && more !== undefined
        ? control({ label: words.say('more'), picture: 'more', on: false, run: more, popup: true })
        : null
    }
    <button
      class="control hang-up"
      part="hang-up"
      type="button"
      aria-label=${words.say('hangUp')}
      title=${words.say('hangUp')}
      @click=${hangUp}
    >
      ${icon('phone')}
    </button>
  </div>`
}

/** In a voice call it asks for video; both sides have to want it. */
function camera({ words, state, sources, actions }: Controls): TemplateResult {
  const { camera: on } = sources
  if (state.video)
    return control({
      label: words.say(on ? 'cameraOff' : 'cameraOn'),
      picture: on ? 'video' : 'videoOff',
      on,
      run: () => actions.turn({ camera: !on }),
    })
  return control({
    label: words.say('askVideo'),
    picture: 'video',
    on: false,
    disabled: state.asks !== 'nobody',
    run: actions.askVideo,
  })
}

interface Control {
  readonly label: string
  readonly picture: IconName
  readonly on: boolean
  readonly run: (event: Event) => void
  readonly disabled?: boolean
  readonly popup?: boolean
}

function control({ label, picture, on, run, disabled = false, popup = false }: Control): TemplateResult {
  return html`<button
    class="control ${on ? 'on' : ''}"
    part="control"
    type="button"
    aria-label=${label}
    aria-haspopup=${popup ? 'menu' : nothing}
    title=${label}
    ?disabled=${disabled}
    @click=${run}
  >
    ${icon(picture)}
  </button>`
}
