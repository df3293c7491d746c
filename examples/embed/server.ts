import { mkdir } from 'node:fs/promises'
import { createRelay } from '@sotto/relay'
import { demoSecret } from './secret.js'
import { createSite } from './site.js'

/**
 * What `npm start` runs: a small site with its own origin and a demo login, and the relay beside it on another port, as users will have
 * them. Settings: SITE_PORT, RELAY_PORT, DATA_DIR; TURN_URLS and TURN_SECRET of a TURN server, without which calls are direct.
 */
const host = '127.0.0.1'
const sitePort = portOf('SITE_PORT', 8780)
const relayPort = portOf('RELAY_PORT', 8781)
const data = process.env.DATA_DIR ?? '.data'
await mkdir(data, { recursive: true })
const secret = await demoSecret(`${data}/demo-secret`)

const siteOrigin = `http://localhost:${sitePort}`
const relayOrigin = `http://localhost:${relayPort}`
const relay = await createRelay({
  realm: 'localhost',
  origin: relayOrigin,
  database: `${data}/relay.sqlite`,
  tokens: { secret },
  allowedOrigins: [siteOrigin],
  ...turnOf(process.env),
})
const site = createSite({
  relayOrigin,
  secret,
  bundle: new URL('../../packages/sotto/dist/', import.meta.url),
})

try {
  await relay.listen({ host, port: relayPort })
  await new Promise<void>((resolve, reject) => {
    site.once('error', reject)
    site.listen(sitePort, host, resolve)
  })
} catch (error) {
  const { code, port } = error as NodeJS.ErrnoException & { port?: number }
  if (code !== 'EADDRINUSE') throw error
  const name = port === relayPort ? 'RELAY_PORT' : 'SITE_PORT'
  process.stderr.write(`port ${String(port)} is taken: set ${name} to a free one\n`)
  await relay.close()
  process.exit(1)
}
process.stdout.write(`\nSotto is running: ${siteOrigin}\n\n`)

let stopping = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stopping) return
    stopping = true
    site.close()
    site.closeAllConnections()
    void relay.close().then(() => process.exit(0))
  })
}

function turnOf({ TURN_URLS: urls, TURN_SECRET: turnSecret }: NodeJS.ProcessEnv) {
  return urls === undefined || turnSecret === undefined
    ? {}
    : { turn: { urls: urls.split(','), secret: turnSecret } }
}

function portOf(name: string, fallback: number): number {
  const text = process.env[name]
  const port = text === undefined ? fallback : Number(text)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  process.stderr.write(`${name} has to be a port number\n`)
  process.exit(1)
}
