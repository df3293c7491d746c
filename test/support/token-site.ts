import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { root } from './sources.js'
import type { TestContext } from './test-body.js'

/** The policy that the documents tell a site to send; `http:` and `ws:` where the relay has no TLS. */
export function strictPolicy(relay = 'http://127.0.0.1:9'): string {
  return [
    "default-src 'self'",
    `connect-src 'self' ${relay} ${relay.replace(/^http/, 'ws')}`,
    "img-src 'self' blob: data:",
    "media-src 'self' blob:",
    "require-trusted-types-for 'script'",
    "trusted-types lit-html sotto 'allow-duplicates'",
  ].join('; ')
}

/** Serves `pages` by their path and the built bundle under /sotto/, all of it under the strict policy. Resolves to the origin. */
export async function serveSite(test: TestContext, pages: Readonly<Record<string, string>>): Promise<string> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0] ?? '/'
    const bundled = /^\/sotto\/(sotto[\w-]*\.js)$/.exec(path)?.[1]
    const body = bundled === undefined ? pages[path] : readFileSync(`${root}packages/sotto/dist/${bundled}`)
    const type = path.endsWith('.js') ? 'text/javascript' : 'text/html; charset=utf-8'
    response.writeHead(body === undefined ? 404 : 200, {
      'content-type': type,
      'content-security-policy': strictPolicy(),
    })
    response.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  test.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
