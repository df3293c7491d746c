export { connect } from './connect.js'
export { SottoError, errorCodes } from '@sotto/protocol'
export { CallRingEvent, MessageEvent, WarningEvent, Writable } from '@sotto/core'

export type { ConnectOptions } from './connect.js'
export type { ErrorClass, ErrorCode, ErrorDetails } from '@sotto/protocol'
export type {
  Call,
  CallHistoryState,
  CallItem,
  CallOptions,
  CallOutcome,
  CallPhase,
  CallRecord,
  CallState,
  Client,
  ClientEventMap,
  ClientState,
  Conversation,
  ConversationSummary,
  Gap,
  MessageState,
  Profile,
  Profiles,
  Readable,
  Relation,
  SafetyNumber,
  TextDraft,
  TextMessage,
  ThreadItem,
  Trust,
  UnknownMessage,
} from '@sotto/core'
