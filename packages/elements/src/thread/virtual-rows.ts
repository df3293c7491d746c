import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type VirtualItem,
  type VirtualizerOptions,
} from '@tanstack/virtual-core'
import type { ReactiveController, ReactiveControllerHost } from 'lit'

interface Keyed {
  readonly key: string
}

interface Parts {
  readonly scroller: HTMLElement
  /** Has the height of all rows. */
  readonly sizer: HTMLElement
  /** Holds the rows that are rendered, one under the other, and is moved to where the first belongs. */
  readonly window: HTMLElement
}

/** Pixels from the end within which the thread counts as being at its end, and stays there. */
const endThreshold = 32
/** Pixels above the first row, where loading is shown. */
const spaceAbove = 48

/**
 * Renders of many rows those in view, anchored to the end: it opens at the newest, follows what is appended while it is there, and what
 * is put on top or measured above moves nothing.
 */
export class VirtualRows<R extends Keyed> implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement
  readonly #parts: () => Parts | undefined
  readonly #estimate: (row: R) => number
  readonly #resize: ResizeObserver
  /** The virtualizer asks for all rows below one whose height it learns, which while scrolling up is in every frame. */
  readonly #estimates = new WeakMap<R, number>()
  #virtualizer: Virtualizer<HTMLElement, HTMLElement> | undefined
  #unmount: (() => void) | undefined
  #rows: readonly R[] = []
  #rendered: readonly VirtualItem[] = []
  #getItemKey = (index: number): string => this.#rows[index]?.key ?? ''
  /** Which row was the first in view when the rows were set. */
  #firstKnown = -1
  #atEnd = true
  #top = 0
  #toEnd = false

  constructor(
    host: ReactiveControllerHost & HTMLElement,
    parts: () => Parts | undefined,
    estimate: (row: R) => number,
  ) {
    this.#host = host
    this.#parts = parts
    this.#estimate = estimate
    this.#resize = new ResizeObserver(() => this.#resized())
    host.addController(this)
  }

  /** Whether the newest row is in view, or nearly. */
  get atEnd(): boolean {
    return this.#atEnd
  }

  /** The number of the first row in view. */
  get firstIndex(): number {
    return this.#virtualizer?.range?.startIndex ?? Infinity
  }

  /** Sets the rows. To be called before the host renders. */
  set(rows: readonly R[]): void {
    if (rows === this.#rows) return
    const virtualizer = this.#virtualizer
    const inView = virtualizer?.getVirtualItemForOffset(virtualizer.scrollOffset ?? 0)?.key
    this.#firstKnown = rows.findIndex((row) => row.key === inView)
    this.#rows = rows
    // Another function, since that is how the virtualizer knows that other rows stand behind the same numbers.
    this.#getItemKey = (index) => rows[index]?.key ?? ''
    virtualizer?.setOptions(this.#options())
  }

  /** The rows to render now. None before the scroller has a size. */
  render(): readonly { readonly row: R; readonly index: number }[] {
    this.#rendered = this.#virtualizer?.getVirtualItems() ?? []
    return this.#rendered.flatMap(({ index }) => {
      const row = this.#rows[index]
      return row === undefined ? [] : [{ row, index }]
    })
  }

  /** Notes where the scroller stands. To be called when it scrolls. Only who scrolls up leaves the end: what grows does not. */
  scrolled(): void {
    const scroller = this.#parts()?.scroller
    if (scroller === undefined || scroller.clientHeight === 0) return
    if (fromEnd(scroller) <= endThreshold) this.#atEnd = true
    else if (scroller.scrollTop < this.#top - 1) this.#atEnd = false
    this.#top = scroller.scrollTop
  }

  scrollToEnd(): void {
    this.#toEnd = true
    this.#atEnd = true
    this.#host.requestUpdate()
  }

  /** Brings the row of `key` into view. */
  scrollTo(key: string): void {
    const index = this.#rows.findIndex((row) => row.key === key)
    if (index >= 0) this.#virtualizer?.scrollToIndex(index, { align: 'auto' })
  }

  hostConnected(): void {
    // A scroller that was moved in the document has lost its position.
    this.#unmount?.()
    this.#unmount = undefined
    this.#host.requestUpdate()
  }

  hostDisconnected(): void {
    queueMicrotask(() => {
      if (this.#host.isConnected) return
      this.#unmount?.()
      this.#unmount = undefined
      this.#resize.disconnect()
    })
  }

  hostUpdate(): void {
    // Who has scrolled since is told of it only later, in an event. Asked before anything is rendered, which would have to be laid out for it.
    if (this.#host.isConnected) this.scrolled()
  }

  hostUpdated(): void {
    const parts = this.#parts()
    if (parts === undefined || !this.#host.isConnected) return
    this.#resize.observe(parts.scroller)
    this.#start(parts)
    const virtualizer = this.#virtualizer
    if (virtualizer === undefined) return
    this.#place(parts, virtualizer)
    this.#unmount ??= virtualizer._didMount()
    virtualizer._willUpdate()
    this.#measure(parts, virtualizer)
    if (this.#toEnd || (this.#atEnd && fromEnd(parts.scroller) > 1)) virtualizer.scrollToEnd()
    this.#toEnd = false
    this.scrolled()
  }

  /** Begins when there is something to measure by: a hidden scroller has no end to open at. */
  #start({ scroller }: Parts): void {
    if (this.#virtualizer !== undefined || scroller.clientHeight === 0 || this.#rows.length === 0) return
    this.#virtualizer = new Virtualizer<HTMLElement, HTMLElement>(this.#options())
    this.#virtualizer.shouldAdjustScrollPositionOnItemSizeChange = (item, _, virtualizer) =>
      this.#isAbove(item, virtualizer)
    this.#toEnd = true
    this.#again()
  }

  /**
   * Whether a row stands above what is read, so that what its height was not as expected must move nothing. A row that came on top may
   * stand where there was nothing but space before.
   */
  #isAbove(
    item: VirtualItem,
    { itemSizeCache, scrollOffset, scrollDirection }: Virtualizer<HTMLElement, HTMLElement>,
  ): boolean {
    const top = scrollOffset ?? 0
    if (itemSizeCache.has(item.key)) return item.end <= top && scrollDirection !== 'backward'
    return item.start < top + (item.index < this.#firstKnown ? spaceAbove : 0)
  }

  #place({ sizer, window }: Parts, virtualizer: Virtualizer<HTMLElement, HTMLElement>): void {
    sizer.style.blockSize = `${virtualizer.getTotalSize()}px`
    window.style.transform = `translateY(${this.#rendered[0]?.start ?? 0}px)`
  }

  #measure({ window }: Parts, virtualizer: Virtualizer<HTMLElement, HTMLElement>): void {
    virtualizer.measureElement(null)
    for (const [i, item] of this.#rendered.entries()) {
      const row = window.children[i]
      if (!(row instanceof HTMLElement)) break
      row.dataset['index'] = String(item.index)
      virtualizer.measureElement(row)
    }
  }

  /** Renders once more within this frame. Not at once: what has just been rendered is measured, and that asks for it. */
  #again(): void {
    queueMicrotask(() => this.#host.requestUpdate())
  }

  #resized(): void {
    // The keyboard came up, the composer grew, or it is shown at last.
    if (this.#atEnd) this.#host.requestUpdate()
  }

  #options(): VirtualizerOptions<HTMLElement, HTMLElement> {
    return {
      count: this.#rows.length,
      getItemKey: this.#getItemKey,
      estimateSize: (index) => this.#estimated(index),
      getScrollElement: () => this.#parts()?.scroller ?? null,
      initialRect: this.#rect(),
      initialOffset: () => Math.max(0, (this.#virtualizer?.getTotalSize() ?? 0) - this.#rect().height),
      observeElementRect,
      observeElementOffset,
      scrollToFn: elementScroll,
      measureElement: measure,
      onChange: () => this.#again(),
      overscan: 8,
      paddingStart: spaceAbove,
      paddingEnd: 8,
      anchorTo: 'end',
      followOnAppend: true,
      scrollEndThreshold: endThreshold,
    }
  }

  #estimated(index: number): number {
    const row = this.#rows[index]
    if (row === undefined) return 40
    let height = this.#estimates.get(row)
    if (height === undefined) this.#estimates.set(row, (height = this.#estimate(row)))
    return height
  }

  #rect(): { width: number; height: number } {
    const scroller = this.#parts()?.scroller
    return { width: scroller?.clientWidth ?? 0, height: scroller?.clientHeight ?? 0 }
  }
}

const fromEnd = ({ scrollHeight, clientHeight, scrollTop }: HTMLElement) =>
  scrollHeight - clientHeight - scrollTop

/** The exact height, since rounded ones would add up to a row that is somewhere else than it says. */
function measure(
  element: HTMLElement,
  entry: ResizeObserverEntry | undefined,
  virtualizer: Virtualizer<HTMLElement, HTMLElement>,
): number {
  const size = entry?.borderBoxSize[0]?.blockSize ?? 0
  // A thread that is hidden for a while has rows without a height, which is not theirs.
  if (size > 0) return size
  const known = virtualizer.itemSizeCache.get(
    virtualizer.options.getItemKey(virtualizer.indexFromElement(element)),
  )
  return known ?? element.getBoundingClientRect().height
}
