import { systemTime } from '@sotto/core/browser'
import { memoryLocks, memoryNetwork, memoryStore, MemoryDisk } from '@sotto/core/memory'
import {
  directoryCases,
  locksCases,
  mediaServersCases,
  storeCases,
  transportCases,
} from '@sotto/core/testing'
import { test } from '#test'

for (const { name, run } of storeCases(async () => {
  const disk = new MemoryDisk()
  return { open: async () => memoryStore(disk), dispose: async () => disk.destroy() }
})) {
  test(`memory store: ${name}`, run)
}

for (const { name, run } of locksCases(() => {
  const locks = memoryLocks()
  return [locks, locks]
})) {
  test(`memory locks: ${name}`, run)
}

const realm = 'example.com'

const server = { urls: ['turn:turn.example.com'], username: 'somebody', credential: 'secret' }

async function makePlace({ servers }: { readonly servers: boolean } = { servers: false }) {
  const network = memoryNetwork({ realm, time: systemTime() })
  if (servers) network.servers = [server]
  return {
    realm,
    backend: () => network.backend(),
    token: async (account: string, features?: readonly unknown[]) => network.token(account, features),
    dispose: async () => undefined,
  }
}

for (const { name, run } of directoryCases(makePlace)) test(`memory directory: ${name}`, run)

for (const { name, run } of transportCases(makePlace)) test(`memory transport: ${name}`, run)

for (const { name, run } of mediaServersCases(makePlace)) test(`memory servers ${name}`, run)
