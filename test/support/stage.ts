import { defineElements } from '@sotto/elements'
import type { TestContext } from './test-body.js'

defineElements()

/** Puts an element on the page for the time of a test, in a box of the given size, and waits until it stands. */
export async function mount<E extends Element>(
  context: TestContext,
  element: E,
  { width = 1100, height = 720 } = {},
): Promise<E> {
  const box = document.createElement('div')
  box.style.cssText = `width: ${width}px; height: ${height}px; position: fixed; inset: 0 auto auto 0; font: 16px sans-serif`
  ;(element as unknown as HTMLElement).style.height = '100%'
  box.append(element)
  document.body.append(box)
  context.after(() => box.remove())
  await settled()
  return element
}

/** Some frames: what renders in steps, measures and scrolls has come to rest. */
export async function settled(frames = 6): Promise<void> {
  for (let i = 0; i < frames; i++) await new Promise((resolve) => requestAnimationFrame(resolve))
}

/** Waits until nothing under `root` moves: what is only half there has not its own colours yet. What never comes to an end does not count. */
export async function atRest(root: Element): Promise<void> {
  for (;;) {
    const moving = [...everything(root)]
      .flatMap((one) => one.getAnimations({ subtree: true }))
      .filter(
        (one) => one.playState === 'running' && Number.isFinite(one.effect?.getComputedTiming().endTime),
      )
    if (moving.length === 0) return
    await Promise.allSettled(moving.map((one) => one.finished))
  }
}

/** Waits until `condition` holds. Only the runner's own time ends it: a slow machine is no failure. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await settled(1)
}

/** Every element under `root`, through all shadows, in order. */
export function* everything(root: Element | ShadowRoot): Generator<Element> {
  for (const child of root.children) {
    yield child
    if (child.shadowRoot !== null) yield* everything(child.shadowRoot)
    yield* everything(child)
  }
}

const roleOf = (element: Element): string =>
  element.getAttribute('role') ??
  { BUTTON: 'button', TEXTAREA: 'textbox', INPUT: 'textbox', A: 'link', DIALOG: 'dialog', H2: 'heading' }[
    element.tagName
  ] ??
  ''

const nameOf = (element: Element): string =>
  (element.getAttribute('aria-label') ?? element.textContent ?? '').replace(/\s+/g, ' ').trim()

const isSeen = (element: Element): boolean => element.checkVisibility({ visibilityProperty: true })

/** What a person finds by role and name, through all shadows, or `undefined`. */
export function find(root: Element, role: string, name: string | RegExp): HTMLElement | undefined {
  const scope = root.shadowRoot ?? root
  for (const element of everything(scope)) {
    const matches = typeof name === 'string' ? nameOf(element) === name : name.test(nameOf(element))
    if (roleOf(element) === role && matches && isSeen(element)) return element as HTMLElement
  }
  return undefined
}

/** As `find`, but it has to be there. */
export function the(root: Element, role: string, name: string | RegExp): HTMLElement {
  const found = find(root, role, name)
  if (found === undefined) throw new Error(`no ${role} called ${String(name)} among: ${textOf(root)}`)
  return found
}

/** The words on the page, as far as they are seen. */
export function textOf(root: Element): string {
  const texts: string[] = []
  const walk = (node: Node): void => {
    if (node instanceof Text) texts.push(node.data)
    if (node instanceof Element && (node instanceof HTMLStyleElement || !isSeen(node))) {
      if (!(node instanceof HTMLSlotElement)) return
    }
    const within =
      node instanceof HTMLSlotElement && node.assignedNodes().length > 0
        ? node.assignedNodes()
        : node.childNodes
    const inner = node instanceof Element && node.shadowRoot !== null ? node.shadowRoot.childNodes : within
    for (const child of inner) walk(child)
  }
  walk(root)
  return texts.join(' ').replace(/\s+/g, ' ').trim()
}

/** Where the focus is, in the innermost shadow. */
export function focused(): Element | null {
  let at = document.activeElement
  while (at?.shadowRoot?.activeElement != null) at = at.shadowRoot.activeElement
  return at
}

/** Types as a person does, into what has the focus. */
export function write(field: HTMLElement, text: string): void {
  const input = field as HTMLTextAreaElement
  input.focus()
  input.value = text
  input.dispatchEvent(new InputEvent('input', { bubbles: true }))
}
