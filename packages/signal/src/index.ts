export { createSignalCipher } from './create-signal-cipher.js'
export { bounds } from './bounds.js'
export type { SignalCipherOptions } from './create-signal-cipher.js'
