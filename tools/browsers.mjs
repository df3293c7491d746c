// Where the browsers are, how they are started for tests, and how a bare Debian machine gets them. Only Node's own modules here.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'

const paths = {
  chromium: [
    process.env.CHROME_PATH,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome-stable',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ],
  firefox: [
    process.env.FIREFOX_PATH,
    '/usr/bin/firefox-esr',
    '/usr/bin/firefox',
    '/Applications/Firefox.app/Contents/MacOS/firefox',
  ],
}

const debianPackages = { chromium: 'chromium', firefox: 'firefox-esr' }

/** The path of `chromium` or `firefox` on this machine, or undefined. */
export function findBrowser(name) {
  return paths[name].find((path) => path !== undefined && existsSync(path))
}

/** What Chromium is started with: quiet, without a sandbox where it would refuse one (as root), and within little shared memory. */
export function chromiumFlags() {
  return [
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
    '--disable-dev-shm-usage',
    // Calls: cameras and microphones of the browser's own, between ends on one machine.
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    '--autoplay-policy=no-user-gesture-required',
    '--allow-loopback-in-peer-connection',
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ]
}

/** Installs what is missing where that is possible: as root, where there is apt. Resolves to what apt said, for who wants to know why not. */
export async function installBrowsers(names = Object.keys(paths)) {
  const missing = names.filter((name) => findBrowser(name) === undefined)
  if (missing.length === 0 || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return ''
  const said = await apt(['update'])
  return (
    said +
    (await apt(['install', '-y', '--no-install-recommends', ...missing.map((name) => debianPackages[name])]))
  )
}

function apt(args) {
  const child = spawn('apt-get', ['-q', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (said += String(bytes)))
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`${error.message}\n`))
    child.once('close', () => resolve(said))
  })
}
