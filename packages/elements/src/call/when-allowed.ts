/** A page may make a sound once somebody has done something on it. To try before is only refused, and written to the console. */
export function whenAllowed(signal: AbortSignal): Promise<void> {
  if (navigator.userActivation?.hasBeenActive !== false) return Promise.resolve()
  return new Promise((resolve) => {
    const tried = () => {
      if (navigator.userActivation.hasBeenActive) resolve()
    }
    for (const type of ['pointerup', 'keydown'])
      window.addEventListener(type, tried, { signal, capture: true })
  })
}
