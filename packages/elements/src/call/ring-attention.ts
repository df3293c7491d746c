interface Ringing {
  /** The id of the call. */
  readonly id: string
  readonly words: string
}

const blinkMs = 1000

/** Tells of a call where the page is not looked at: in the title of its tab, and by a notification where the site may show one already. */
export class RingAttention {
  #stop: (() => void) | undefined
  #ringing: Ringing | undefined

  start(ringing: Ringing): void {
    if (ringing.id === this.#ringing?.id && ringing.words === this.#ringing.words) return
    this.stop()
    this.#ringing = ringing
    const stops = [blink(ringing.words), notify(ringing)]
    this.#stop = () => stops.forEach((stop) => stop())
  }

  stop(): void {
    this.#stop?.()
    this.#stop = undefined
    this.#ringing = undefined
  }
}

/** Puts `words` and the page's own title by turns into the tab; only the words where nothing is to move. */
function blink(words: string): () => void {
  let own = document.title
  document.title = words
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches
  const timer = setInterval(() => {
    // The page may have got another title in the meantime.
    if (document.title !== words) own = document.title
    document.title = document.title === words && !still ? own : words
  }, blinkMs)
  return () => {
    clearInterval(timer)
    if (document.title === words) document.title = own
  }
}

/** Shows a notification while the page is hidden. It never asks whether it may: that is the site's to ask. */
function notify({ id, words }: Ringing): () => void {
  let shown: Notification | undefined
  const show = () => {
    const may = globalThis.Notification?.permission === 'granted'
    if (!document.hidden || !may || shown !== undefined) return
    try {
      // By the same tag, several tabs show one.
      shown = new Notification(words, { tag: `sotto-call-${id}`, requireInteraction: true })
    } catch {
      // Some browsers show notifications of a service worker only.
      return
    }
    shown.onclick = () => {
      window.focus()
      shown?.close()
    }
  }
  show()
  document.addEventListener('visibilitychange', show)
  return () => {
    document.removeEventListener('visibilitychange', show)
    shown?.close()
  }
}
