import type { Client, Profiles } from '@sotto/core'
import { isAccountName, isRealm, SottoError } from '@sotto/protocol'

/** The attributes of a provider or a messenger, for the function that makes a client of them. */
export interface ClientSettings {
  readonly account: string | undefined
  readonly realm: string | undefined
  /** The address of the backend. */
  readonly relay: string | undefined
  /** Where the site hands out its tokens: a URL, relative to the page. */
  readonly tokenUrl: string | undefined
  /** How the site shows accounts. */
  readonly profiles: Profiles | undefined
  /** Aborted when the element is gone or its attributes have changed. */
  readonly signal: AbortSignal
}

/** Makes a client of an element's attributes. What it rejects with is said on the page. */
export type Connect = (settings: ClientSettings) => Promise<Client> | Client

/** Says which attribute is wrong. Throws `wrong-setting` with its name. What is missing is for `connect` to say. */
export function checkSettings({
  account,
  realm,
  relay,
  tokenUrl,
}: Omit<ClientSettings, 'signal' | 'profiles'>): void {
  require(account, 'account', isAccountName)
  require(realm, 'realm', isRealm)
  require(relay, 'relay', isAddress)
  require(tokenUrl, 'token-url', isAddress)
}

function require(value: string | undefined, name: string, isRight: (value: string) => boolean): void {
  if (value !== undefined && !isRight(value)) throw new SottoError('wrong-setting', { name })
}

function isAddress(value: string): boolean {
  return (
    value !== '' &&
    URL.canParse(value, document.baseURI) &&
    /^https?:$/.test(new URL(value, document.baseURI).protocol)
  )
}
