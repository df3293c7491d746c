/** Serves the gallery under the strict policy. Resolves with its address and how to stop. */
export function serveGallery(): Promise<{ readonly address: string; readonly stop: () => Promise<void> }>
