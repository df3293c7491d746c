/** What `navigator.connection` says where a device knows (Network Information). */
interface Connection extends EventTarget {
  readonly type?: string
}

/** Calls when there is a network again, or another one. Returns what stops it. */
export function onNetworkChange(changed: () => void): () => void {
  const connection = (globalThis.navigator as { readonly connection?: Connection } | undefined)?.connection
  let type = connection?.type
  // It also tells of every estimate of the speed: only another kind of network is another way.
  const onchange = () => {
    if (connection?.type === type) return
    type = connection?.type
    changed()
  }
  globalThis.addEventListener?.('online', changed)
  connection?.addEventListener('change', onchange)
  return () => {
    globalThis.removeEventListener?.('online', changed)
    connection?.removeEventListener('change', onchange)
  }
}
