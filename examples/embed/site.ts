import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { SignJWT } from 'jose'
import { demoLogin } from './demo-login.js'

export interface SiteOptions {
  readonly relayOrigin: string
  readonly secret: string
  /** The folder of `sotto.js`. */
  readonly bundle: URL
}

const types: Readonly<Record<string, string>> = {
  js: 'text/javascript',
  css: 'text/css',
  html: 'text/html; charset=utf-8',
}
const pages: Readonly<Record<string, string>> = {
  '/': 'index.html',
  '/page.js': 'page.js',
  '/page.css': 'page.css',
}

/** A site as somebody would have one: pages, a login, an endpoint that says to the relay who its user is. */
export function createSite({ relayOrigin, secret, bundle }: SiteOptions): Server {
  const key = new TextEncoder().encode(secret)

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const login = demoLogin(request.headers.cookie, url)
    if (login.cookie !== undefined) response.setHeader('set-cookie', login.cookie)
    response.setHeader('content-security-policy', policy(relayOrigin))
    response.setHeader('cache-control', 'no-store')
    response.setHeader('x-content-type-options', 'nosniff')
    response.setHeader('referrer-policy', 'no-referrer')

    if (url.pathname === '/api/me') {
      return send(response, 'application/json', JSON.stringify({ people: login.people, relay: relayOrigin }))
    }
    if (url.pathname === '/api/sotto-token') {
      const account = url.searchParams.get('account') ?? ''
      if (!login.allowed.includes(account)) return fail(response, 403)
      const token = new SignJWT()
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject(account)
        .setAudience('localhost')
      return send(response, 'text/plain', await token.setIssuedAt().setExpirationTime('5m').sign(key))
    }
    const vendor = /^\/vendor\/sotto\/(sotto[\w-]*\.js)$/.exec(url.pathname)?.[1]
    const page = pages[url.pathname]
    if (vendor === undefined && page === undefined) return fail(response, 404)
    const name = vendor ?? page ?? ''
    const file = vendor === undefined ? new URL(name, import.meta.url) : new URL(name, bundle)
    return send(
      response,
      types[name.split('.').pop() ?? ''] ?? 'application/octet-stream',
      await readFile(file),
    )
  }

  return createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      fail(response, (error as NodeJS.ErrnoException).code === 'ENOENT' ? 404 : 500)
    })
  })
}

/** The policy of docs/getting-started.md; `http:` and `ws:` because this relay has no TLS. */
function policy(relayOrigin: string): string {
  const relaySocket = relayOrigin.replace(/^http/, 'ws')
  return [
    "default-src 'self'",
    `connect-src 'self' ${relayOrigin} ${relaySocket}`,
    "img-src 'self' blob: data:",
    "media-src 'self' blob:",
    "require-trusted-types-for 'script'",
    "trusted-types lit-html sotto 'allow-duplicates'",
  ].join('; ')
}

function send(response: ServerResponse, type: string, body: string | Uint8Array): void {
  response.writeHead(200, { 'content-type': type })
  response.end(body)
}

function fail(response: ServerResponse, status: number): void {
  if (!response.headersSent) response.writeHead(status, { 'content-type': 'text/plain' })
  response.end()
}
