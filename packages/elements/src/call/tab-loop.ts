/** Keeps Tab within `box`, whose first and last button are neighbours then: for what hides all else. */
export function tabLoop(event: KeyboardEvent, box: HTMLElement): void {
  const all = [...box.querySelectorAll<HTMLElement>('button:not(:disabled)')]
  const at = (box.getRootNode() as ShadowRoot).activeElement
  const [first, last] = [all.at(0), all.at(-1)]
  const leaves = event.shiftKey ? at === first || at === box : at === last
  if (event.key !== 'Tab' || !leaves) return
  event.preventDefault()
  ;(event.shiftKey ? last : first)?.focus()
}
