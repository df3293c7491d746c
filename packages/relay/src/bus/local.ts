import type { Bus, BusEvent } from './bus.js'

/** A bus for a relay of one node. */
export function localBus(): Bus {
  const listeners = new Map<string, Set<(event: BusEvent) => void>>()
  return {
    publish(device, event) {
      for (const listener of listeners.get(device) ?? []) listener(event)
    },
    subscribe(device, listener) {
      const known = listeners.get(device) ?? new Set()
      listeners.set(device, known.add(listener))
      return () => {
        known.delete(listener)
        if (known.size === 0 && listeners.get(device) === known) listeners.delete(device)
      }
    },
    close: () => Promise.resolve(),
  }
}
