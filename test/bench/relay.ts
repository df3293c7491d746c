import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { CaseDevice } from '../../packages/core/src/testing/case-device.js'
import { Site } from '../support/signing-site.js'
import { connect, echoSenders, makeDevices, rateOf, relaySender } from './relay-load.js'

/** Messages a second through our relay beside a bare `ws` server that echoes, in one run. `ratio` is ours by theirs. */
export interface Row {
  readonly what: string
  readonly clients: number
  readonly ours: number
  readonly echo: number
  readonly ratio: number
  readonly raw: { readonly ours: readonly number[]; readonly echo: readonly number[] }
}

const clients = 400
const rounds = 5
const eachRound = 80

/**
 * 400 clients, each with one message under way, from one process; each server in a process of its own. A message counts when it is answered:
 * the relay has then flushed it to its file. *stored*: for a device that is away. *delivered*: in a ring, so that every client also gets and
 * acknowledges as many as it sends, each acknowledgement a durable change too.
 */
export async function run(): Promise<readonly Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-bench-'))
  const site = new Site()
  const servers: ChildProcess[] = []
  try {
    const echoUrl = await start(servers, 'echo')
    const url = await start(servers, 'relay', join(folder, 'relay.sqlite'), site.secret)
    const [away, devices] = [
      await makeDevices(url, site, clients / 10),
      await makeDevices(url, site, clients),
    ]
    const sockets = await connect(url, site, devices)
    const writingTo = (others: readonly CaseDevice[]) =>
      devices.flatMap((device, i) => {
        const [socket, other] = [sockets[i], others[(i + 1) % others.length]]
        return socket === undefined || other === undefined ? [] : [relaySender(socket, device, other)]
      })
    const [store, deliver] = [writingTo(away), writingTo(devices)]
    const echo = await echoSenders(echoUrl, store)
    const raw = { echo: [] as number[], stored: [] as number[], delivered: [] as number[] }
    for (let round = 0; round < rounds; round++) {
      raw.echo.push(await rateOf(echo, 4 * eachRound))
      raw.stored.push(await rateOf(store, eachRound))
      raw.delivered.push(await rateOf(deliver, eachRound))
    }
    const row = (what: string, ours: readonly number[]): Row => ({
      what,
      clients,
      ours: median(ours),
      echo: median(raw.echo),
      ratio: median(ours) / median(raw.echo),
      raw: { ours, echo: raw.echo },
    })
    for (const { socket } of [...store, ...echo]) socket.terminate()
    return [row('stored', raw.stored), row('delivered', raw.delivered)]
  } finally {
    for (const server of servers) server.stdin?.end()
    await Promise.all(servers.map(async (server) => server.exitCode === null && once(server, 'exit')))
    await rm(folder, { recursive: true, force: true })
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN

/** Starts a server and resolves to the address that it prints. */
async function start(servers: ChildProcess[], ...args: readonly string[]): Promise<string> {
  const file = fileURLToPath(new URL('./relay-server.ts', import.meta.url))
  // As docs/self-hosting.md advises for a busy relay; the echo gets it, too.
  const flags = ['--max-semi-space-size=64', '--import', 'tsx', '--conditions=@sotto/source']
  const options = [...flags, file, ...args]
  const server = spawn(process.execPath, options, { stdio: ['pipe', 'pipe', 'inherit'] })
  servers.push(server)
  const [line] = (await once(server.stdout, 'data')) as [Buffer]
  return line.toString().trim()
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const { what, ours, echo, ratio } of await run()) {
    console.log(
      `relay, ${what}: ${Math.round(ours)} messages/s, bare echo ${Math.round(echo)}, ratio ${ratio.toFixed(2)}`,
    )
  }
}
