import './define.js'

export { connectLazily as connect } from './connect-lazily.js'
export { SottoError, errorCodes } from '@sotto/protocol'
export { CallRingEvent, MessageEvent, WarningEvent, Writable } from '@sotto/core'

export type * from './index.js'
