import { check, fromBase64Url, loginProofBytes, toBase64Url } from '@sotto/protocol'
import type { Login } from '@sotto/core/ports'
import type { HttpCalls } from './http-calls.js'

/**
 * Logs a device in: it signs the relay's nonce, and with it who it is, where it logs in and by which token of the site. Resolves with the
 * relay's token. Rejects as the relay does; with `backend-failed` for answers that are none.
 */
export async function proveLogin(
  calls: HttpCalls,
  {
    login,
    siteToken,
    origin,
  }: { readonly login: Login; readonly siteToken: string; readonly origin: string },
): Promise<{ readonly token: string; readonly expiresInMs: number }> {
  const { realm, accountId, device, epoch, sends } = login
  const body = { token: siteToken, accountId, device, epoch, sends }
  const { nonce } = await calls.call({ method: 'POST', path: 'login', body })
  check(typeof nonce === 'string' && /^[A-Za-z0-9_-]{43}$/.test(nonce), 'backend-failed', {})
  const proof = loginProofBytes({
    realm,
    relay: origin,
    accountId,
    device,
    epoch,
    nonce: fromBase64Url(nonce),
    tokenHash: await sha256(siteToken),
    sends,
  })
  const signature = toBase64Url(await login.sign(proof))
  const answer = await calls.call({ method: 'POST', path: 'login/proof', body: { nonce, signature } })
  const { token, expiresInMs } = answer
  check(typeof token === 'string' && /^[A-Za-z0-9_-]{16,512}$/.test(token), 'backend-failed', {})
  check(typeof expiresInMs === 'number' && expiresInMs > 0, 'backend-failed', {})
  return { token, expiresInMs }
}

async function sha256(text: string): Promise<Uint8Array> {
  return new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
}
