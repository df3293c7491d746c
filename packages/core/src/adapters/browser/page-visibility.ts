/** Whether the person can see this page; fits core's `Readable<boolean>`. */
export interface PageVisibility {
  readonly value: boolean
  subscribe(listener: (visible: boolean) => void): () => void
}

/** Of `page`; always visible where there is none, as in Node and in workers. */
export function pageVisibility(page: Document | undefined = globalThis.document): PageVisibility {
  const visible = () => page === undefined || page.visibilityState === 'visible'
  return {
    get value() {
      return visible()
    },
    subscribe(listener) {
      const tell = () => listener(visible())
      page?.addEventListener('visibilitychange', tell)
      tell()
      return () => page?.removeEventListener('visibilitychange', tell)
    },
  }
}
