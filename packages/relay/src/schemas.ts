import { limits, signedMax, type PublishedKeys } from '@sotto/protocol'

/** What the bodies, paths and queries of the relay's calls may be: JSON schemas and their types. Nothing is turned into another type. */
const hex = (length: number) => ({ type: 'string', pattern: `^[0-9a-f]{${length}}$` })
const base64Url = (most: number) => ({ type: 'string', maxLength: most, pattern: '^[A-Za-z0-9_-]*$' })
const object = (properties: Record<string, unknown>, required: readonly string[]) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
})

const name = { type: 'string', maxLength: limits.accountName }
const device = hex(32)
/** The base64url of a signed object. */
const signedObject = base64Url(Math.ceil((signedMax * 4) / 3))
const digits = { type: 'string', pattern: '^[0-9]{1,10}$' }

export interface Login {
  readonly token: string
  readonly accountId: string
  readonly device: string
  readonly epoch: number
  readonly sends: number
}
export const login = object(
  {
    token: { type: 'string', minLength: 1, maxLength: 8192 },
    accountId: hex(64),
    device,
    epoch: { type: 'integer', minimum: 0, maximum: 0xffff_ffff },
    sends: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  },
  ['token', 'accountId', 'device', 'epoch', 'sends'],
)

export interface Proof {
  readonly nonce: string
  readonly signature: string
}
export const proof = object({ nonce: base64Url(64), signature: base64Url(128) }, ['nonce', 'signature'])

export type Keys = PublishedKeys
export const keys = object(
  {
    signedPreKey: signedObject,
    preKeys: { type: 'array', maxItems: limits.preKeysHeld, items: signedObject },
  },
  ['preKeys'],
)

export interface Publish {
  readonly list: string
  readonly keys?: Keys
}
export const publish = object({ list: signedObject, keys }, ['list'])

export interface Since {
  readonly era?: string
  readonly sequence?: string
}
export const since = object({ era: digits, sequence: digits }, [])

export const account = object({ account: name }, ['account'])
export const address = object({ account: name, device }, ['account', 'device'])
