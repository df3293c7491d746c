export { webLocks } from './web-locks.js'
export { broadcastChannels } from './broadcast-channels.js'
export { systemTime } from './system-time.js'
export { probeKeyStorage } from './probe-key-storage.js'
export { persistStorage } from './persist-storage.js'
export { pageVisibility } from './page-visibility.js'
export { pageWakes } from './page-wakes.js'

export type { PageVisibility } from './page-visibility.js'
