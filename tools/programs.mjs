// What tests need beside Node: where it is, and how a bare Debian machine gets it. Only Node's own modules here.
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
  turnserver: [
    process.env.TURNSERVER_PATH,
    '/usr/bin/turnserver',
    '/usr/local/bin/turnserver',
    '/opt/homebrew/bin/turnserver',
  ],
}

const debianPackages = { chromium: 'chromium', firefox: 'firefox-esr', turnserver: 'coturn' }

/** The path of `chromium`, `firefox` or `turnserver` on this machine, or undefined. */
export function findProgram(name) {
  return paths[name].find((path) => path !== undefined && existsSync(path))
}

/** Installs what is missing where that is possible: as root, where there is apt. Resolves to what apt said, for who wants to know why not. */
export async function installPrograms(names) {
  const missing = names.filter((name) => findProgram(name) === undefined)
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
    // Debian starts a server when it is installed: not here.
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', SYSTEMD_OFFLINE: '1' },
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (said += String(bytes)))
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`${error.message}\n`))
    child.once('close', () => resolve(said))
  })
}
