import { createHash } from 'node:crypto'
import { fromBase64Url, loginProofBytes, toBase64Url } from '@sotto/protocol'
import type { CaseDevice } from '../../packages/core/src/testing/case-device.js'

/** Logs a device in by hand, from a network address of its own, as a load of many people comes. Resolves with the relay's token. */
export async function logIn(
  url: string,
  siteToken: string,
  device: CaseDevice,
  from: string,
): Promise<string> {
  const { realm, accountId } = device.chain
  const post = async (path: string, body: object): Promise<Record<string, string>> => {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': from },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`${path}: ${response.status}`)
    return (await response.json()) as Record<string, string>
  }
  const claimed = { accountId, device: device.id, epoch: device.epoch, sends: device.sends }
  const { nonce = '' } = await post('/login', { token: siteToken, ...claimed })
  const tokenHash = createHash('sha256').update(siteToken).digest()
  const proof = loginProofBytes({ realm, relay: url, ...claimed, nonce: fromBase64Url(nonce), tokenHash })
  const signature = toBase64Url(await device.sign(proof))
  const { token = '' } = await post('/login/proof', { nonce, signature })
  return token
}
