export { SottoError, check, errorCodes, isErrorCode } from './errors.js'
export { limits } from './limits.js'
export {
  concatBytes,
  equalBytes,
  fromBase64Url,
  fromHex,
  randomBytes,
  toBase64Url,
  toHex,
  utf8,
} from './bytes.js'
export { bool, bytes, id, list, nullable, refine, text, uint, union, version } from './shape.js'
export { field, optional, struct } from './struct.js'
export { decode, encode, read } from './codec.js'
export { emptyExt, ext, understand } from './ext.js'
export { labelled, labelledHash, labels } from './labels.js'
export { verifySignature } from './signatures.js'
export { isEd25519Key, isX25519Key } from './public-keys.js'
export { algorithms, decodeSigned, encodeSigned, key, signed, signedMax, signObject } from './signed.js'
export { verifyObject } from './verify-object.js'
export {
  accountId,
  accountName,
  address,
  deviceId,
  realm,
  requireAccountName,
  sameAddress,
} from './address.js'
export { isAccountName, isRealm } from './names.js'
export { rangeKinds } from './range-kinds.js'
export {
  accountIdOf,
  decodeDeviceList,
  device,
  deviceList,
  encodeDeviceList,
  hashOfList,
  listHash,
  signDeviceList,
  signerId,
} from './device-list.js'
export { extendChain, startChain } from './chain.js'
export { decodeChain, deviceOf, encodeChain } from './stored-chain.js'
export { compareReference, reference, references, referenceTo } from './references.js'
export { bundle, preKey, preKeyKinds, signPreKey, verifyPreKey } from './prekeys.js'
export {
  decodeBody,
  decodeStampedEnvelope,
  encodeBody,
  encodeStampedEnvelope,
  envelope,
  envelopeId,
  recipient,
  sender,
  stampedEnvelope,
  suites,
} from './envelope.js'
export { sessionName } from './session-name.js'
export { bucketOf, frameVersion, pad, unpad } from './padding.js'
export {
  clockShape,
  content,
  conversationId,
  conversationIdOf,
  conversationShape,
  decodeContent,
  encodeContent,
  header,
  messageHash,
  messageId,
  numberShape,
  pairOf,
} from './content.js'
export { contentTypeOf, contentTypes } from './types.js'
export {
  accountNewsBody,
  decodeBodyOf,
  decodeText,
  deviceNewsBody,
  encodeBodyOf,
  goneBody,
  receiptBody,
  sessionBody,
  textBody,
  unreadBody,
} from './bodies.js'
export { callBody, callConsents, callEnds, callId, decodeCall } from './call.js'
export {
  batch,
  clientFrame,
  decodeClientFrame,
  decodeRelayFrame,
  deviceName,
  encodeClientFrame,
  encodeRelayFrame,
  readClientFrame,
  relayFrame,
} from './frames.js'
export { loginProofBytes } from './login.js'
export { allowsCall, callFeatures, readFeatures } from './features.js'
export { isTurnAddress } from './turn-address.js'

export type { ErrorClass, ErrorCode, ErrorDetails } from './errors.js'
export type { CborReader } from './cbor-reader.js'
export type { CborWriter } from './cbor-writer.js'
export type { Shape, Shaped } from './shape.js'
export type { Field } from './struct.js'
export type { Ext } from './ext.js'
export type { Label } from './labels.js'
export type { Key, Sign, Signed, Signer } from './signed.js'
export type { Address } from './address.js'
export type { Device, DeviceList } from './device-list.js'
export type { Chain } from './stored-chain.js'
export type { Reference, Standing } from './references.js'
export type { PreKey, PreKeyBundle, PreKeyOwner } from './prekeys.js'
export type { Body, Envelope, Sender, StampedEnvelope } from './envelope.js'
export type { SessionSide } from './session-name.js'
export type { Clock, Content, ConversationKey, Header, Member, MessageNumber } from './content.js'
export type { Channel, ContentType } from './types.js'
export type {
  AccountNewsBody,
  Covered,
  DeviceNewsBody,
  GoneBody,
  NumberRange,
  ReceiptBody,
  SessionBody,
  TextBody,
  TextRange,
  UnreadBody,
} from './bodies.js'
export type { CallBody, CallCandidate, CallDescription, CallMedia, CallSignal } from './call.js'
export type { Batch, ClientFrame, DeviceName, RelayFrame } from './frames.js'
export type { LoginProof } from './login.js'
export type { HttpApi, HttpError, PublishedKeys, TurnServer } from './http.js'
