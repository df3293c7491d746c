import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openClient, type Client } from '@sotto/core'
import { systemTime } from '@sotto/core/browser'
import { memoryChannels, memoryLocks, memoryStore } from '@sotto/core/memory'
import { relayBackend } from '@sotto/core/relay'
import { createSignalCipher } from '@sotto/signal'
import { assert, test } from '#test'
import { readFolder } from '../support/demo-site.js'
import { Site } from '../support/signing-site.js'
import { root } from '../support/sources.js'
import { until } from '../support/until.js'

const canary = 'canary-3be9-secret'
const messages = 1000

/** Everything writable that a process has in memory, each byte as a character; searched part by part. */
function memoryHolds(pid: number, words: readonly string[]): readonly string[] {
  const found = new Set<string>()
  const memory = openSync(`/proc/${pid}/mem`, 'r')
  const part = Buffer.alloc(4 * 1024 * 1024)
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
      const [, from = '', to = ''] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? []
      if (from === '') continue
      const end = parseInt(to, 16)
      for (let at = parseInt(from, 16); at < end; at += part.length - 64) {
        let read = 0
        try {
          read = readSync(memory, part, 0, Math.min(part.length, end - at), at)
        } catch {
          break
        }
        for (const word of words) if (part.subarray(0, read).includes(word)) found.add(word)
      }
    }
  } finally {
    closeSync(memory)
  }
  return [...found]
}

test(`G01 after ${messages} messages nothing of them is in the files, the memory or the logs of a real relay process`, async (context) => {
  if (process.platform !== 'linux') return context.skip('memory is read by /proc')
  const site = new Site()
  const folder = mkdtempSync(join(tmpdir(), 'sotto-g01-'))
  const env = {
    ...process.env,
    SOTTO_REALM: site.realm,
    SOTTO_TOKEN_SECRET: site.secret,
    SOTTO_DATABASE: join(folder, 'relay.sqlite'),
    PORT: '0',
  }
  const script = "import('./packages/relay/src/cli.ts').then(({ main }) => main([], process.env))"
  const relay = spawn(process.execPath, ['--import', 'tsx', '--conditions=@sotto/source', '-e', script], {
    cwd: root,
    env,
  })
  context.after(() => {
    relay.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  let logs = ''
  for (const stream of [relay.stdout, relay.stderr])
    stream.on('data', (bytes: Buffer) => (logs += bytes.toString()))
  await until(() => /listening on http/.test(logs))
  const url = /http:\/\/[\d.:]+/.exec(logs)?.[0] ?? ''
  const cipher = await createSignalCipher()
  const open = async (account: string): Promise<Client> => {
    const client = await openClient({
      account,
      realm: site.realm,
      backend: relayBackend({ url }),
      token: () => site.token(account),
      cipher,
      store: memoryStore(),
      locks: memoryLocks(),
      channels: memoryChannels(),
      time: systemTime(),
      name: account,
      profiles: (name) => Promise.resolve({ name: `${canary}-${name}` }),
    })
    context.after(() => client.close())
    await until(() => client.state.value.name === 'online')
    return client
  }
  const [alice, bob] = [await open('alice'), await open('bob')]
  let read = 0
  bob.addEventListener('message', () => read++)
  for (let i = 0; i < messages; i++) {
    await alice.conversation('bob').send(`${canary} ${i}`)
    // As fast as the relay lets one device write.
    if (i % 100 === 99) await until(() => read > i - 100, 120_000)
  }
  await until(() => read === messages, 240_000)
  // Control: what is no secret is found in all three.
  assert.include(readFolder(folder), 'alice')
  assert.include(logs, 'listening')
  assert.deepEqual(memoryHolds(relay.pid ?? 0, ['alice', canary]), ['alice'])
  assert.notInclude(readFolder(folder), canary)
  assert.notInclude(logs, canary)
  assert.notInclude(logs, 'alice')
})
