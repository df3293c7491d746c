import { spawn } from 'node:child_process'
import { test } from '#test'
import { root } from './support/sources.js'

/** Runs a program of node_modules on the whole repository, and fails with what it said where it found something. */
function content(script: string, ...args: string[]): Promise<void> {
  const env = { ...process.env, NO_COLOR: '1' }
  const child = spawn(process.execPath, [`node_modules/${script}`, ...args], { cwd: root, env })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += String(text)))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`exit ${String(code)}\n${said}`)),
    )
  })
}

test('every type holds, in packages, tests and examples', () => content('typescript/bin/tsc', '-b'))

test('every file passes the lint', () => content('eslint/bin/eslint.js', '--max-warnings=0', '.'))

test('every file is formatted', () =>
  content('prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'))

test('the pages of the API are made without a warning', () =>
  content('typedoc/bin/typedoc', '--emit', 'none'))
