import { SottoError, isRealm } from '@sotto/protocol'
import type { TokenSettings } from './site-tokens.js'
import { faultOfTurn, type TurnSettings } from './turn.js'

/** Settings of `sotto-relay`, each by an environment variable. */
export interface Config {
  readonly realm: string
  readonly origin: string | undefined
  readonly database: string
  readonly tokens: TokenSettings
  readonly turn: TurnSettings | undefined
  readonly allowedOrigins: readonly string[]
  readonly host: string
  readonly port: number
  readonly trustProxy: boolean
  readonly log: boolean
}

type Environment = Readonly<Record<string, string | undefined>>

/** A setting that is wrong, in words that say which and what it has to be. */
export class ConfigError extends SottoError<'wrong-setting'> {
  readonly words: string
  constructor(name: string, words: string) {
    super('wrong-setting', { name })
    this.words = `${name}: ${words}`
  }
}

/** What each setting means: the text of `--help`. */
export const settings: readonly (readonly [name: string, meaning: string])[] = [
  ['SOTTO_REALM', "the site's host name, lower case, without a port (required)"],
  [
    'SOTTO_TOKEN_SECRET',
    'the secret the site signs its tokens with, HS256, 32 characters or more (this or the next)',
  ],
  ['SOTTO_TOKEN_JWKS', "the address of the site's JSON Web Key Set"],
  ['SOTTO_ALLOWED_ORIGINS', 'origins of pages that may call, separated by commas'],
  ['SOTTO_ORIGIN', 'the address clients know this relay by, where a proxy stands before it'],
  ['SOTTO_DATABASE', 'the SQLite file (sotto-relay.sqlite)'],
  ['SOTTO_TURN_URLS', 'addresses of a TURN server for calls, separated by commas (none)'],
  ['SOTTO_TURN_SECRET', "the secret shared with it, coturn's static-auth-secret, 32 bytes or more"],
  ['SOTTO_TRUST_PROXY', '1 behind a proxy that sets x-forwarded-for'],
  ['SOTTO_LOG', '0 for none'],
  ['HOST', 'the address to listen on (127.0.0.1)'],
  ['PORT', 'the port to listen on (8080)'],
]

const shortestSecret = 32

/** Reads the environment. Throws a `ConfigError` for the first setting that is wrong. */
export function readConfig(env: Environment): Config {
  const realm = env.SOTTO_REALM
  if (realm === undefined) throw new ConfigError('SOTTO_REALM', "is missing: set it to the site's host name")
  if (!isRealm(realm))
    throw new ConfigError('SOTTO_REALM', 'has to be a host name in lower case, without a port')
  const host = env.HOST ?? '127.0.0.1'
  return {
    realm,
    origin: ownOrigin(env.SOTTO_ORIGIN, host),
    database: databaseOf(env),
    tokens: tokensOf(env),
    turn: turnOf(env),
    allowedOrigins: list(env.SOTTO_ALLOWED_ORIGINS).map((one) => originOf('SOTTO_ALLOWED_ORIGINS', one)),
    host,
    port: portOf(env.PORT ?? '8080'),
    trustProxy: flag('SOTTO_TRUST_PROXY', env.SOTTO_TRUST_PROXY, false),
    log: flag('SOTTO_LOG', env.SOTTO_LOG, true),
  }
}

/** Devices sign the relay's origin when they log in: a relay that does not know it would refuse them all. */
function ownOrigin(text: string | undefined, host: string): string | undefined {
  if (host === '') throw new ConfigError('HOST', 'has to be an address of this machine')
  if (text !== undefined) return originOf('SOTTO_ORIGIN', text)
  if (host === '0.0.0.0' || host === '::')
    throw new ConfigError('SOTTO_ORIGIN', 'is missing: HOST is every address; set it to the one clients use')
  return undefined
}

export function databaseOf(env: Environment): string {
  const path = env.SOTTO_DATABASE ?? 'sotto-relay.sqlite'
  if (path === '') throw new ConfigError('SOTTO_DATABASE', 'has to be the path of a file')
  return path
}

function tokensOf({ SOTTO_TOKEN_SECRET: secret, SOTTO_TOKEN_JWKS: jwks }: Environment): TokenSettings {
  if (secret !== undefined && jwks !== undefined)
    throw new ConfigError('SOTTO_TOKEN_JWKS', 'is set beside SOTTO_TOKEN_SECRET: set one of both')
  if (jwks !== undefined) {
    if (!isSafeAddress(jwks))
      throw new ConfigError('SOTTO_TOKEN_JWKS', 'has to be an https address, or http on this machine')
    return { jwks }
  }
  if (secret === undefined)
    throw new ConfigError(
      'SOTTO_TOKEN_SECRET',
      'is missing: set it to the secret the site signs its tokens with',
    )
  if (secret.length < shortestSecret)
    throw new ConfigError('SOTTO_TOKEN_SECRET', `has to be ${shortestSecret} characters or more`)
  return { secret }
}

/** Empty is not set: so a compose file can pass on what may be missing. */
function turnOf({ SOTTO_TURN_URLS: text = '', SOTTO_TURN_SECRET: secret = '' }: Environment) {
  if (text === '' && secret === '') return undefined
  if (text === '')
    throw new ConfigError('SOTTO_TURN_URLS', 'is missing: set it beside SOTTO_TURN_SECRET, or neither')
  if (secret === '')
    throw new ConfigError('SOTTO_TURN_SECRET', "is missing: set it to coturn's static-auth-secret")
  const turn = { urls: list(text), secret }
  const fault = faultOfTurn(turn)
  if (fault === 'urls')
    throw new ConfigError('SOTTO_TURN_URLS', 'has to be up to 8 addresses, as turn:turn.example.com:3478')
  if (fault === 'secret') throw new ConfigError('SOTTO_TURN_SECRET', 'has to be 32 bytes or more')
  return turn
}

/** Whoever can change what comes from there can be anybody. */
function isSafeAddress(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  return (
    protocol === 'https:' || (protocol === 'http:' && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname))
  )
}

const list = (text = ''): readonly string[] =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')

function originOf(name: string, text: string): string {
  if (!URL.canParse(text) || new URL(text).origin !== text) {
    throw new ConfigError(name, 'has to be an origin, as https://example.com, without a path')
  }
  return text
}

function portOf(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new ConfigError('PORT', 'has to be a number from 0 to 65535')
  return port
}

function flag(name: string, text: string | undefined, fallback: boolean): boolean {
  if (text === undefined) return fallback
  if (text !== '0' && text !== '1') throw new ConfigError(name, 'has to be 0 or 1')
  return text === '1'
}
