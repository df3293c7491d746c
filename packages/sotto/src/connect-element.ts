import type { Client } from '@sotto/core'
import type { ClientSettings } from '@sotto/elements'
import { SottoError } from '@sotto/protocol'
import { connectLazily } from './connect-lazily.js'

/** Makes a client of an element's attributes. Throws `wrong-setting` with the name of the one that is missing. */
export function connectElement({
  account,
  realm,
  relay,
  tokenUrl,
  profiles,
  signal,
}: ClientSettings): Promise<Client> {
  const given = (value: string | undefined, name: string): string => {
    if (value === undefined) throw new SottoError('wrong-setting', { name })
    return value
  }
  const url = new URL(given(tokenUrl, 'token-url'), document.baseURI)
  return connectLazily({
    account: given(account, 'account'),
    relay: given(relay, 'relay'),
    token: () => fetchToken(url),
    signal,
    ...(realm === undefined ? {} : { realm }),
    ...(profiles === undefined ? {} : { profiles }),
  })
}

/** The site's answer is the token, as plain text. Its cookies say who asks. */
async function fetchToken(url: URL): Promise<string> {
  const response = await fetch(url, { credentials: 'same-origin', cache: 'no-store' })
  if (!response.ok) throw new SottoError('unauthorized')
  return (await response.text()).trim()
}
