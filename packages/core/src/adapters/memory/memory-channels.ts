import type { Channel, Channels } from '@sotto/core/ports'

/** Channels between everything that is given this object: clients in one process. */
export function memoryChannels(): Channels {
  const rooms = new Map<string, Set<MemoryChannel>>()
  return {
    open(name) {
      const room = rooms.get(name) ?? new Set()
      rooms.set(name, room)
      return new MemoryChannel(room)
    },
  }
}

class MemoryChannel implements Channel {
  onmessage: ((message: unknown) => void) | undefined
  readonly #room: Set<MemoryChannel>

  constructor(room: Set<MemoryChannel>) {
    this.#room = room
    room.add(this)
  }

  post(message: unknown): void {
    if (!this.#room.has(this)) return
    for (const other of this.#room) {
      if (other === this) continue
      const copy: unknown = structuredClone(message)
      queueMicrotask(() => {
        if (this.#room.has(other)) other.onmessage?.(copy)
      })
    }
  }

  close(): void {
    this.#room.delete(this)
  }
}
