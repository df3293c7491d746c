// Where the browsers are, and how they are started for tests. Only Node's own modules here.
import { findProgram } from './programs.mjs'

/** The path of `chromium` or `firefox` on this machine, or undefined. */
export const findBrowser = (name) => findProgram(name)

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

/** What Firefox is started with for calls, as its preferences. */
export function firefoxPreferences() {
  return {
    'media.navigator.streams.fake': true,
    'media.navigator.permission.disabled': true,
    'media.autoplay.default': 0,
    'media.peerconnection.ice.loopback': true,
    'media.peerconnection.ice.obfuscate_host_addresses': false,
  }
}
