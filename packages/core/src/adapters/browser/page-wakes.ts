/**
 * Calls `wake` when trying again is worth it: the network is back, or the person looks at this page again. Returns what stops it. Does nothing
 * where there is no page, as in Node.
 */
export function pageWakes(wake: () => void): () => void {
  const page = globalThis.document as Document | undefined
  const seen = () => {
    if (page?.visibilityState === 'visible') wake()
  }
  globalThis.addEventListener?.('online', wake)
  page?.addEventListener('visibilitychange', seen)
  return () => {
    globalThis.removeEventListener?.('online', wake)
    page?.removeEventListener('visibilitychange', seen)
  }
}
