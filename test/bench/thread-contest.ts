import { ours, plain, showsNewest, type List } from './thread-lists.js'

/** What one list did in one round. */
export interface Round {
  /** Milliseconds from being put on the page until the newest message was painted. */
  readonly opened: number
  /** Milliseconds from frame to frame, scrolling as fast as a person does. */
  readonly scrolled: readonly number[]
  /** The same through the whole list, from the newest message to the oldest: some four screens a frame. */
  readonly crossed: readonly number[]
  /** The most that a message in view moved, in pixels, when older ones came on top. */
  readonly drift: number
}

export type Name = 'ours' | 'plain'
export type Speed = 'scroll' | 'cross'

export const lists = { ours, plain }
const frames = 300

/** A list that stands on the page, at its newest message. */
interface Stage {
  readonly opened: number
  readonly list: List
  readonly scroller: HTMLElement
  /** Scrolls up by as much in every frame. Resolves with the milliseconds from frame to frame. */
  scroll(speed: Speed): Promise<readonly number[]>
  toNewest(): Promise<void>
  remove(): Promise<void>
}

export async function round(name: Name): Promise<Round> {
  const stage = await put(name)
  const scrolled = await stage.scroll('scroll')
  const moved = await drift(stage)
  await stage.toNewest()
  const crossed = await stage.scroll('cross')
  await stage.remove()
  return { opened: stage.opened, scrolled, crossed, drift: moved }
}

export async function put(name: Name): Promise<Stage> {
  const list = lists[name]()
  const box = document.createElement('div')
  box.style.cssText = 'position: fixed; inset: 0; font: 16px sans-serif'
  list.element.style.height = '100%'
  document.body.append(box)
  await rest()
  const from = performance.now()
  list.open(box)
  const scroller = await newest(list)
  const opened = (await painted()) - from
  await rest()
  return {
    opened,
    list,
    scroller,
    async scroll(speed) {
      const step = speed === 'scroll' ? 120 : Math.ceil(scroller.scrollHeight / frames)
      const times: number[] = []
      let last = await frame()
      for (let i = 0; i < frames; i++) {
        scroller.scrollBy(0, -step)
        const now = await frame()
        times.push(now - last)
        last = now
      }
      await rest()
      return times
    },
    async toNewest() {
      scroller.scrollTop = scroller.scrollHeight
      await rest()
    },
    async remove() {
      box.remove()
      await rest()
    },
  }
}

async function newest(list: List): Promise<HTMLElement> {
  for (;;) {
    const scroller = list.scroller()
    if (scroller !== null && showsNewest(scroller)) return scroller
    await frame()
  }
}

async function drift({ list, scroller }: Stage): Promise<number> {
  const key = keyInView(scroller)
  const top = () => scroller.querySelector(`[data-key="${key}"]`)?.getBoundingClientRect().top ?? NaN
  const before = top()
  await list.prepend()
  let most = 0
  for (let i = 0; i < 20; i++) {
    await frame()
    most = Math.max(most, Math.abs(top() - before))
  }
  return most
}

function keyInView(scroller: HTMLElement): string {
  const { top, height } = scroller.getBoundingClientRect()
  const rows = [...scroller.querySelectorAll<HTMLElement>('[data-key]')]
  return rows.find((row) => row.getBoundingClientRect().bottom > top + height / 2)?.dataset['key'] ?? ''
}

const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve))

/** The time at which the frame that is under way has been painted. */
async function painted(): Promise<number> {
  const { port1, port2 } = new MessageChannel()
  await frame()
  const done = new Promise((resolve) => (port1.onmessage = resolve))
  port2.postMessage(undefined)
  await done
  return performance.now()
}

async function rest(): Promise<void> {
  for (let i = 0; i < 30; i++) await frame()
}
