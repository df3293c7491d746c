import type { Client, DeviceCheck } from '@sotto/core'
import type { SottoError } from '@sotto/protocol'
import { html, type PropertyValues, type TemplateResult } from 'lit'
import { state } from 'lit/decorators.js'
import { callErrorWords } from '../call/call-error-words.js'
import { DeviceList } from '../call/device-list.js'
import { deviceSelect } from '../call/device-select.js'
import { levelMeter } from '../call/level-meter.js'
import { mayVideo } from '../call/may-call.js'
import { sottoError } from '../provider/client-holder.js'
import { ReadableController } from '../readable-controller.js'
import { ViewElement } from '../view-element.js'
import { deviceCheckStyles } from './device-check-styles.js'
import { TestSound } from './test-sound.js'

type Stage =
  | { readonly name: 'opening' }
  | { readonly name: 'open'; readonly check: DeviceCheck }
  | { readonly name: 'failed'; readonly error: SottoError }
  /** A call has taken the devices. */
  | { readonly name: 'taken' }

/**
 * Camera, microphone and speaker, to be tried and chosen before a call. They are captured as long as it stands on the page, and go nowhere.
 *
 * @fires close - The person is done with it, or a call has begun.
 * @fires error - What is wrong; it is said on the page too.
 */
export class DeviceCheckElement extends ViewElement {
  static override styles = [...ViewElement.styles, ...deviceCheckStyles]

  @state() protected stage: Stage = { name: 'opening' }
  /** Why what the person has just tried did not go. */
  @state() protected wrong: SottoError | undefined

  readonly #call = new ReadableController(this, () => this.currentClient?.call)
  readonly #features = new ReadableController(this, () => this.currentClient?.features)
  readonly #chosen = new ReadableController(this, () => this.currentClient?.callDevices.chosen)
  readonly #streams = new ReadableController(this, () => this.#check?.streams)
  readonly #sources = new ReadableController(this, () => this.#check?.sources)
  readonly #troubles = new ReadableController(this, () => this.#check?.troubles)
  readonly #devices = new DeviceList(this)
  readonly #sound = new TestSound()
  #begunFor: Client | undefined
  #checking = new AbortController()

  protected override released(): void {
    this.#letGo()
    this.#begunFor = undefined
    // What plays a stream would stay alive as long as that does.
    const picture = this.renderRoot.querySelector('video')
    if (picture !== null) picture.srcObject = null
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed)
    const { currentClient: client } = this
    if (client === undefined || !this.isConnected) return
    const isBegun = client === this.#begunFor
    this.#begunFor = client
    if (client.call.value !== undefined) this.#giveToCall()
    else if (!isBegun) void this.#begin(client)
  }

  protected override render(): TemplateResult | null {
    if (this.mistake !== undefined) return this.renderMistake(this.mistake)
    const { currentClient: client, stage } = this
    if (client === undefined) return null
    const again = this.#again(client)
    return html`<h2>${this.say(this.#withVideo ? 'checkDevices' : 'checkMicrophone')}</h2>
      ${this.#body(client, stage)}
      ${this.wrong === undefined ? null : html`<p class="wrong" role="alert">${this.#words(this.wrong)}</p>`}
      <div class="buttons">
        ${again === undefined ? null : this.#button('tryAgain', again)}
        ${this.#button('close', () => this.dispatchEvent(new Event('close')))}
      </div>`
  }

  #body(client: Client, stage: Stage): TemplateResult {
    switch (stage.name) {
      case 'opening':
        return html`<p role="status">${this.say('checkOpening')}</p>`
      case 'taken':
        return html`<p role="status">${this.say('checkInCall')}</p>`
      case 'failed':
        return html`<p class="wrong" role="alert">${this.#words(stage.error)}</p>`
      case 'open':
        return html`${this.#withVideo ? this.#preview() : null} ${this.#microphone(stage.check)}
        ${this.#withVideo ? this.#select('camera', stage.check) : null} ${this.#speaker(client)}`
    }
  }

  #preview(): TemplateResult {
    const local = this.#streams.value?.local
    const trouble = this.#troubles.value?.camera
    return html`<div class="preview" part="preview">
      ${
        local === undefined
          ? html`<p role="alert">${trouble === undefined ? null : this.#words(trouble)}</p>`
          : html`<video
              autoplay
              muted
              playsinline
              aria-label=${this.say('checkPicture')}
              .muted=${true}
              .srcObject=${local}
            ></video>`
      }
    </div>`
  }

  #microphone(check: DeviceCheck): TemplateResult {
    const isOn = this.#sources.value?.microphone === true
    const voice = this.#streams.value?.voice
    const trouble = this.#troubles.value?.microphone
    return html`${this.#select('microphone', check)}
    ${
      trouble === undefined
        ? levelMeter(this.words, { isOn, voice })
        : html`<p class="wrong" role="alert">${this.#words(trouble)}</p>`
    }`
  }

  #select(source: 'microphone' | 'camera', check: DeviceCheck): TemplateResult | null {
    const stream = this.#streams.value?.[source === 'camera' ? 'local' : 'voice']
    return deviceSelect({
      words: this.words,
      label: this.say(source),
      found: this.#devices.of(source === 'camera' ? 'videoinput' : 'audioinput'),
      chosen: stream?.getTracks()[0]?.getSettings().deviceId ?? this.#chosen.value?.[source],
      choose: (id) => this.#try(check.set({ [source]: true }, { [source]: id })),
    })
  }

  #speaker(client: Client): TemplateResult {
    const chosen = this.#chosen.value?.speaker ?? ''
    const select = deviceSelect({
      words: this.words,
      label: this.say('speaker'),
      found: this.#devices.of('audiooutput'),
      chosen,
      choose: (speaker) => this.#try(client.callDevices.choose({ speaker })),
    })
    return html`${'setSinkId' in HTMLMediaElement.prototype ? select : null}
      <button
        class="button sound"
        part="button"
        type="button"
        @click=${() => this.#try(this.#sound.play(chosen))}
      >
        ${this.say('checkSound')}
      </button>`
  }

  #button(term: 'tryAgain' | 'close', run: () => void): TemplateResult {
    return html`<button class="button" part="button" type="button" @click=${run}>${this.say(term)}</button>`
  }

  /** What would try once more; `undefined` where all is well, or nothing can be tried. */
  #again(client: Client): (() => void) | undefined {
    const { stage } = this
    if (stage.name === 'failed') return () => void this.#begin(client)
    if (stage.name === 'taken' && this.#call.value === undefined) return () => void this.#begin(client)
    const { microphone, camera } = this.#troubles.value ?? {}
    if (stage.name !== 'open' || (microphone ?? camera) === undefined) return undefined
    const wanted = {
      ...(microphone === undefined ? {} : { microphone: true }),
      ...(camera === undefined ? {} : { camera: true }),
    }
    return () => this.#try(stage.check.set(wanted))
  }

  async #begin(client: Client): Promise<void> {
    this.#letGo()
    const { signal } = (this.#checking = new AbortController())
    this.stage = { name: 'opening' }
    this.wrong = undefined
    try {
      const video = mayVideo(client.features.value)
      const check = await client.callDevices.check({ video, signal })
      if (signal.aborted) return check.close()
      this.stage = { name: 'open', check }
      // Only from now on devices have names.
      this.#devices.watch()
    } catch (thrown) {
      if (signal.aborted) return
      const error = sottoError(thrown)
      this.stage = { name: 'failed', error }
      this.tell(error)
    }
  }

  #giveToCall(): void {
    if (this.stage.name === 'taken') return
    this.#letGo()
    this.stage = { name: 'taken' }
    queueMicrotask(() => this.dispatchEvent(new Event('close')))
  }

  #letGo(): void {
    this.#checking.abort()
    this.#check?.close()
    this.#sound.stop()
    this.#devices.rest()
  }

  #try(doing: Promise<void>): void {
    this.wrong = undefined
    doing.catch((thrown: unknown) => {
      const error = sottoError(thrown)
      // Where it left a source off, that is said beside it.
      const { microphone, camera } = this.#check?.troubles.value ?? {}
      if (error !== microphone && error !== camera) this.wrong = error
      this.tell(error)
    })
  }

  get #check(): DeviceCheck | undefined {
    return this.stage.name === 'open' ? this.stage.check : undefined
  }

  get #withVideo(): boolean {
    return mayVideo(this.#features.value)
  }

  #words(error: SottoError): string {
    return callErrorWords(this.words, error, '')
  }
}
