export { memoryStore, MemoryDisk } from './memory-store.js'
export { memoryLocks } from './memory-locks.js'
export { memoryChannels } from './memory-channels.js'
export { manualTime } from './manual-time.js'
export { memoryNetwork, MemoryNetwork } from './memory-network.js'
export { MemoryLink } from './memory-link.js'
export { MemoryMedia, MemoryMediaSession } from './memory-media.js'

export type { ManualTime } from './manual-time.js'
