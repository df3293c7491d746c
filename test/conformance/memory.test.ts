import { systemTime } from '@sotto/core/browser'
import { memoryLocks, memoryNetwork, memoryStore, MemoryDisk } from '@sotto/core/memory'
import { directoryCases, locksCases, storeCases, transportCases } from '@sotto/core/testing'
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

async function makePlace() {
  const network = memoryNetwork({ realm, time: systemTime() })
  return {
    realm,
    backend: () => network.backend(),
    token: async (account: string) => network.token(account),
    dispose: async () => undefined,
  }
}

for (const { name, run } of directoryCases(makePlace)) test(`memory directory: ${name}`, run)

for (const { name, run } of transportCases(makePlace)) test(`memory transport: ${name}`, run)
