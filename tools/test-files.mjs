// Which tests there are, and what runs each: the folder and the end of the name decide.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './run.mjs'

/** Those on the whole repository, in no folder, take longest: they start first. */
const isGate = (path) => path.split('/').length === 2

/** All test files whose path contains one of `patterns`, or all. */
export function testFiles(patterns) {
  return readdirSync(join(root, 'test'), { recursive: true })
    .map((path) => `test/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.test.ts') && !path.includes('node_modules/'))
    .filter((path) => patterns.length === 0 || patterns.some((pattern) => path.includes(pattern)))
    .sort((a, b) => Number(isGate(b)) - Number(isGate(a)) || (a < b ? -1 : 1))
}

/**
 * Where a file runs. `x.test.ts` of protocol, core and signal runs everywhere; `x.node.test.ts` in Node alone, `x.browser.test.ts` in browsers
 * alone, `x.chromium.test.ts` in Chromium alone. Elements need a page; all other folders, and the gates beside them, are Node's.
 */
export function runnersOf(path) {
  if (path.endsWith('.node.test.ts')) return ['node']
  if (path.endsWith('.chromium.test.ts')) return ['chromium']
  if (path.endsWith('.browser.test.ts') || path.startsWith('test/elements/')) return ['chromium', 'firefox']
  if (/^test\/(protocol|core|signal)\//.test(path)) return ['node', 'chromium', 'firefox']
  return ['node']
}

/** Whether a file drives the built bundle or the built packages: those run last, after a build. */
export function needsBuild(path) {
  return /^test\/(e2e\/|attacks\/(E01|E02|E06-quota|E12)|(build|bundle|csp|package|size|start)\.test\.ts$)/.test(
    path,
  )
}

/** Whether a file starts a TURN server: those of Node's wait until what is missing was installed. */
export function needsTurnServer(path) {
  return /^test\/(relay\/coturn|attacks\/D07-relayed-alone|core\/turn-access\.node|e2e\/call[^/]*)\.test\.ts$/.test(
    path,
  )
}
