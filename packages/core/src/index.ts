export { openClient } from './client.js'
export { CallRingEvent, MessageEvent, WarningEvent } from './client-api.js'
export { Writable } from './readable.js'
export { openSealedStore } from './store/sealed-store.js'
export { safetyNumber } from './peers/safety-number.js'
export { addDevice, signFirstList, signNextList } from './account/own-lists.js'
export { prepareJoining } from './account/joining.js'
export { makeDevice, putDevice, readDevice } from './account/own-device.js'
export { run } from './sessions/run.js'

export type { ClientOptions } from './client-options.js'
export type {
  Client,
  ClientEventMap,
  ClientState,
  Conversation,
  ConversationSummary,
  Profile,
  Profiles,
  Relation,
  SafetyNumber,
  TextDraft,
  Waiting,
} from './client-api.js'
export type { Call, CallOptions, CallState } from './calls/call-api.js'
export type { CallDevices, DeviceCheck, DeviceCheckOptions, DevicesChosen } from './calls/device-api.js'
export type { CallHistoryState, CallRecord } from './calls/call-history.js'
export type { CallOutcome, CallPhase } from './calls/call-row.js'
export type { Readable } from './readable.js'
export type {
  CallItem,
  Gap,
  MessageState,
  TextMessage,
  ThreadItem,
  UnknownMessage,
} from './conversations/message.js'
export type { Trust } from './peers/trust-state.js'
export type { Joining } from './account/joining.js'
export type { OwnDevice } from './account/own-device.js'
export type { JoiningDevice } from './account/own-lists.js'
export type { SealedStore } from './store/sealed-store.js'
export type { Fingerprinted } from './peers/safety-number.js'
