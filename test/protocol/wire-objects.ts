import {
  accountNewsBody,
  bundle,
  decode,
  decodeBody,
  decodeBodyOf,
  decodeChain,
  decodeClientFrame,
  decodeContent,
  decodeDeviceList,
  decodeRelayFrame,
  decodeSigned,
  decodeStampedEnvelope,
  decodeText,
  deviceNewsBody,
  encode,
  encodeBody,
  encodeBodyOf,
  encodeChain,
  encodeClientFrame,
  encodeContent,
  encodeDeviceList,
  encodeRelayFrame,
  encodeSigned,
  encodeStampedEnvelope,
  fromHex,
  goneBody,
  limits,
  preKey,
  receiptBody,
  sessionBody,
  textBody,
  unreadBody,
  type Ext,
  type Shape,
} from '@sotto/protocol'
import { goldenBytes } from './golden-bytes.js'

/** An object of the wire: its bytes, and how bytes of its kind are read. `encode` writes again what was read. */
export interface WireObject {
  readonly name: string
  readonly bytes: Uint8Array
  read(bytes: Uint8Array): unknown
  readAndWrite(bytes: Uint8Array): Uint8Array
}

function wireObject<T>(
  name: string,
  read: (bytes: Uint8Array) => T,
  write: (value: T) => Uint8Array,
): WireObject {
  const hex = goldenBytes[name]
  if (hex === undefined) throw new Error(`no bytes of ${name}`)
  return { name, bytes: fromHex(hex), read, readAndWrite: (bytes) => write(read(bytes)) }
}

const bodyObject = <T extends { readonly ext: Ext }>(name: string, shape: Shape<T>): WireObject =>
  wireObject(
    name,
    (bytes) => decodeBodyOf(shape, bytes),
    (value) => encodeBodyOf(shape, value),
  )

const preKeyObject = (name: string): WireObject =>
  wireObject(
    name,
    (bytes) => decode(preKey, bytes, limits.preKey),
    (value) => encode(preKey, value),
  )

/** One of each, with every decoder there is. */
export const wireObjects: readonly WireObject[] = [
  wireObject('device list', decodeDeviceList, encodeDeviceList),
  wireObject('signed device list', decodeSigned, encodeSigned),
  wireObject('signed second device list', decodeSigned, encodeSigned),
  wireObject('chain row', decodeChain, encodeChain),
  preKeyObject('signed prekey record'),
  preKeyObject('one-time prekey record'),
  preKeyObject('KEM prekey record'),
  wireObject('signed one-time prekey', decodeSigned, encodeSigned),
  wireObject(
    'bundle',
    (bytes) => decode(bundle, bytes, 2 * limits.preKey),
    (value) => encode(bundle, value),
  ),
  ...['first body', 'later body'].map((name) =>
    wireObject(name, decodeBody, ({ suite, body }) => encodeBody(suite, body)),
  ),
  ...['stamped envelope', 'stamped envelope to a mailbox, with a tag'].map((name) =>
    wireObject(name, decodeStampedEnvelope, encodeStampedEnvelope),
  ),
  ...['content', 'content that begins a run'].map((name) => wireObject(name, decodeContent, encodeContent)),
  wireObject('text body', decodeText, (value) => encodeBodyOf(textBody, value)),
  bodyObject('receipt body', receiptBody),
  bodyObject('unread body', unreadBody),
  bodyObject('gone body', goneBody),
  bodyObject('session body', sessionBody),
  bodyObject('account news body', accountNewsBody),
  bodyObject('device news body', deviceNewsBody),
  ...['hello frame', 'send frame', 'ack frame', 'ping frame'].map((name) =>
    wireObject(name, decodeClientFrame, encodeClientFrame),
  ),
  ...[
    'welcome frame',
    'sent frame',
    'refused frame',
    'deliver frame',
    'wake frame',
    'pong frame',
    'bye frame',
  ].map((name) => wireObject(name, decodeRelayFrame, encodeRelayFrame)),
]
