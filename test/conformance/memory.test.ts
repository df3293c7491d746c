import { memoryLocks, memoryStore, MemoryDisk } from '@sotto/core/memory'
import { locksCases, storeCases } from '@sotto/core/testing'
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
