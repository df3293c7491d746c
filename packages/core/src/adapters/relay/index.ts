export { relayBackend } from './relay-backend.js'
export type { RelayOptions } from './relay-backend.js'
