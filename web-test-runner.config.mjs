// Runs in real browsers what tools/test-files.mjs says belongs there: all of it, or what `npm test` asks for.
import { existsSync } from 'node:fs'
import { esbuildPlugin } from '@web/dev-server-esbuild'
import { chromeLauncher } from '@web/test-runner-chrome'
import { build as buildModule } from 'esbuild'
import * as puppeteer from 'puppeteer-core'
import { chromiumFlags, findBrowser, firefoxPreferences } from './tools/browsers.mjs'
import { browserReporter } from './tools/browser-reporter.mjs'
import { datagrams } from './tools/datagrams.mjs'
import { root } from './tools/run.mjs'
import { runnersOf, testFiles } from './tools/test-files.mjs'

const files = process.env.SOTTO_TESTS === undefined ? testFiles([]) : JSON.parse(process.env.SOTTO_TESTS)
const names = (process.env.SOTTO_BROWSERS ?? 'chromium,firefox').split(',')

const launchOptions = {
  chromium: { executablePath: findBrowser('chromium'), args: chromiumFlags() },
  firefox: {
    executablePath: findBrowser('firefox'),
    browser: 'firefox',
    // Where there is no sound card an AudioContext would wait for one for ever: it gets one that plays to nobody.
    extraPrefsFirefox: { ...firefoxPreferences(), 'media.cubeb.force_mock_context': true },
  },
}

/** A window each: of two tabs in one window, one is hidden and paints no frame. */
const createPage = ({ context }) => context.newPage({ type: 'window' })

const groups = names
  .map((name) => ({
    name,
    files: files.filter((file) => runnersOf(file).includes(name)),
    browsers: [chromeLauncher({ puppeteer, launchOptions: launchOptions[name], createPage })],
  }))
  .filter((group) => group.files.length > 0)

// A list that measures its rows while they are laid out is told so by an error that means nothing.
const page = (testFramework) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>test</title>
    <script>
      addEventListener('error', (event) => {
        if (/^ResizeObserver loop/.test(event.message)) event.stopImmediatePropagation()
      })
    </script>
  </head>
  <body>
    <script type="module" src="${testFramework}"></script>
  </body>
</html>`

/** The runner maps imports of `x.js` to `x.ts`; the address of a worker is no import. */
function serveWorkers(context, next) {
  const source = context.path.replace(/-worker\.js$/, '-worker.ts')
  if (source !== context.path && existsSync(`${root}${source.slice(1)}`)) context.url = source
  return next()
}

const developmentBuild = {
  name: 'development-build',
  transform(context) {
    if (!context.path.includes('/node_modules/') || typeof context.body !== 'string') return undefined
    return { body: context.body.replaceAll('process.env.NODE_ENV', '"development"') }
  },
}

/** Libraries that are CommonJS still: browsers read modules only. */
const commonJs = {
  name: 'commonjs',
  async serve({ path }) {
    if (!path.endsWith('/node_modules/sdp-transform/lib/index.js')) return undefined
    const options = { entryPoints: [`${root}${path.slice(1)}`], bundle: true, format: 'esm', write: false }
    const { outputFiles } = await buildModule(options)
    return { body: outputFiles[0].text, type: 'js' }
  },
}

export default {
  rootDir: '.',
  staticLogging: true,
  groups,
  concurrency: 2,
  concurrentBrowsers: 1,
  nodeResolve: { exportConditions: ['@sotto/source', 'browser', 'development'] },
  plugins: [
    datagrams(),
    commonJs,
    esbuildPlugin({ ts: true, target: 'es2022', tsconfig: 'tsconfig.base.json' }),
    developmentBuild,
  ],
  middleware: [serveWorkers],
  testRunnerHtml: page,
  // Against what hangs, not what is slow: no test is judged by the clock.
  testFramework: { config: { timeout: 300_000 } },
  browserStartTimeout: 60_000,
  testsFinishTimeout: 600_000,
  filterBrowserLogs: ({ args }) => !String(args[0]).startsWith('Lit is in dev mode'),
  reporters: [browserReporter()],
}
