/**
 * The bodies of the relay's HTTP calls (JSON). Binary values are base64url; signed objects are the base64url of their CBOR.
 * Errors of every call: `{ code, details? }` with status 400, 401, 403, 404, 409, 413, 429 or 503.
 */
export interface HttpApi {
  'POST /login': {
    body: { token: string; accountId: string; device: string; epoch: number; sends: number }
    answer: { nonce: string }
  }
  'POST /login/proof': {
    body: { nonce: string; signature: string }
    answer: { token: string; expiresInMs: number }
  }
  'PUT /devices': { body: { list: string; keys?: PublishedKeys }; answer: Record<string, never> }
  /** Query: `era` and `sequence` of the newest list known; without them the whole chain of the newest era. */
  'GET /devices/:account': { body: undefined; answer: { lists: string[]; proof?: string } }
  'PUT /keys': { body: PublishedKeys; answer: Record<string, never> }
  'GET /keys/count': { body: undefined; answer: { preKeys: number; signedPreKey: number | null } }
  'POST /keys/:account/:device/claim': { body: undefined; answer: { signedPreKey: string; preKey?: string } }
  'POST /calls/turn': { body: undefined; answer: { servers: TurnServer[]; expiresInMs: number } }
  'GET /health': { body: undefined; answer: { ok: true } }
}

export interface PublishedKeys {
  signedPreKey?: string
  preKeys: string[]
}

/** A server that passes calls on (TURN), and what it lets a device in by: nothing of the account. */
export interface TurnServer {
  urls: string[]
  username: string
  credential: string
}

/** A failed call. */
export interface HttpError {
  code: string
  details?: Record<string, unknown>
}
