import { mkdir } from 'node:fs/promises'
import { createRelay } from '@sotto/relay'
import { startDevServer } from '@web/dev-server'
import { esbuildPlugin } from '@web/dev-server-esbuild'
import { demoSecret } from './secret.js'
import { createSite } from './site.js'

/** What `npm run dev` runs: the site of server.ts, but its one tag comes from the sources, file by file. Reload the page to see a change. */
const [host, port, relayPort, data] = ['127.0.0.1', 8790, 8791, '.data/dev']
await mkdir(data, { recursive: true })
const secret = await demoSecret(`${data}/demo-secret`)
const origin = `http://localhost:${port}`
const relayOrigin = `http://localhost:${relayPort}`

const relay = await createRelay({
  realm: 'localhost',
  origin: relayOrigin,
  database: `${data}/relay.sqlite`,
  tokens: { secret },
  allowedOrigins: [origin],
})
await relay.listen({ host, port: relayPort })
const site = createSite({ relayOrigin, secret, bundle: new URL('.', import.meta.url) })

const isSource = /^\/(packages|node_modules|__w)/
await startDevServer({
  readCliArgs: false,
  readFileConfig: false,
  config: {
    hostname: host,
    port,
    rootDir: '.',
    nodeResolve: { exportConditions: ['@sotto/source', 'browser', 'development'] },
    plugins: [
      esbuildPlugin({ ts: true, target: 'es2022', tsconfig: 'tsconfig.base.json' }),
      {
        name: 'development-build',
        transform({ path, body }) {
          if (!path.includes('/node_modules/') || typeof body !== 'string') return undefined
          return { body: body.replaceAll('process.env.NODE_ENV', '"development"') }
        },
      },
    ],
    middleware: [
      async (context, next) => {
        if (context.path === '/vendor/sotto/sotto.js') context.redirect('/packages/sotto/src/bundle.ts')
        else if (isSource.test(context.path)) await next()
        else {
          context.respond = false
          site.emit('request', context.req, context.res)
        }
      },
    ],
  },
})
process.stdout.write(`\nSotto runs from its sources: ${origin}\n\n`)
