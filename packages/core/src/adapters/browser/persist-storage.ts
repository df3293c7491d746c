/**
 * Asks the browser not to throw away what this site keeps when room runs short. It may decide by itself, ask the person, or not know the
 * question. Resolves with whether the site's storage stays; never rejects.
 */
export async function persistStorage(): Promise<boolean> {
  const storage: Partial<StorageManager> | undefined = globalThis.navigator?.storage
  try {
    // Who has said yes before is not asked again.
    return (await storage?.persisted?.()) === true || (await storage?.persist?.()) === true
  } catch {
    return false
  }
}
