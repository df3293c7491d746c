import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openClient, type Client } from '@sotto/core'
import { systemTime } from '@sotto/core/browser'
import { memoryChannels, memoryLocks, memoryStore } from '@sotto/core/memory'
import type { SessionCipher } from '@sotto/core/ports'
import { relayBackend } from '@sotto/core/relay'
import { decodeText, emptyExt, encodeBodyOf, pad, textBody, unpad } from '@sotto/protocol'
import { createSignalCipher } from '@sotto/signal'
import { assert, test } from '#test'
import type { BackendPlace } from '../../packages/core/src/testing/backend-place.js'
import { CaseDevice } from '../../packages/core/src/testing/case-device.js'
import { Device } from '../signal/two-devices.js'
import { readFolder } from '../support/demo-site.js'
import { Site } from '../support/signing-site.js'
import { root } from '../support/sources.js'
import { until } from '../support/until.js'

const canary = 'canary-3be9-secret'
/** Written by two clients; and by devices without a store, because a device may send but 600 a minute, and one processor runs all clients. */
const [byClients, pairs, byPair] = [400, 20, 480]
const messages = byClients + pairs * byPair
const underWay = 20

/** Two devices, one of which writes to the other: with the real cipher and over real sockets, in frames as a client makes them. */
class Pair {
  readonly #from: Device
  readonly #to: Device
  readonly #sender: CaseDevice
  readonly #receiver: CaseDevice
  #read = 0

  private constructor(keys: readonly [Device, Device], devices: readonly [CaseDevice, CaseDevice]) {
    ;[this.#from, this.#to] = keys
    ;[this.#sender, this.#receiver] = devices
  }

  static async make(cipher: SessionCipher, place: BackendPlace): Promise<Pair> {
    const keys = [await Device.create(cipher), await Device.create(cipher)] as const
    const devices = [await CaseDevice.published(place), await CaseDevice.published(place)] as const
    await keys[0].start(keys[1].bundle())
    return new Pair(keys, devices)
  }

  async write(): Promise<void> {
    const connection = await this.#sender.open()
    const sending = new Set<Promise<unknown>>()
    for (let i = 0; i < byPair; i++) {
      const text = encodeBodyOf(textBody, { text: `${canary} ${i}`, ranges: [], ext: emptyExt })
      const batch = this.#sender.batchTo([this.#receiver], await this.#from.encrypt(pad(text)))
      const sent = connection.send(batch).then(({ outcome }) => {
        assert.equal(outcome, 'sent')
        sending.delete(sent)
      })
      sending.add(sent)
      if (sending.size >= underWay) await Promise.race(sending)
    }
    await Promise.all(sending)
  }

  /** Reads and acknowledges until all of it was there. */
  async read(): Promise<void> {
    for await (const { stamped, ack } of await this.#receiver.open()) {
      const text = unpad(await this.#to.decrypt(this.#from, stamped.envelope.body))
      assert.equal(decodeText(text).text, `${canary} ${this.#read}`)
      ack()
      if (++this.#read === byPair) return
    }
  }

  close(): void {
    this.#sender.closeAll()
    this.#receiver.closeAll()
  }
}

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
  for (let i = 0; i < byClients; i++) await alice.conversation('bob').send(`${canary} ${i}`)
  const place = {
    realm: site.realm,
    backend: () => relayBackend({ url }),
    token: (account: string) => site.token(account),
    dispose: () => Promise.resolve(),
  }
  const all: Pair[] = []
  while (all.length < pairs) all.push(await Pair.make(cipher, place))
  context.after(() => all.forEach((pair) => pair.close()))
  // Half of them are read at once, the others lie in mailboxes when we look.
  await Promise.all(all.map((pair, i) => Promise.all([pair.write(), i % 2 === 0 ? pair.read() : undefined])))
  await until(() => read === byClients, 60_000)
  // Control: what is no secret is found in all three.
  assert.include(readFolder(folder), 'alice')
  assert.include(logs, 'listening')
  assert.deepEqual(memoryHolds(relay.pid ?? 0, ['alice', canary]), ['alice'])
  assert.notInclude(readFolder(folder), canary)
  assert.notInclude(logs, canary)
  assert.notInclude(logs, 'alice')
  // Control: what lay there was what they wrote.
  await Promise.all(all.filter((_, i) => i % 2 === 1).map((pair) => pair.read()))
})
