export type BrowserName = 'chromium' | 'firefox'

export function findBrowser(name: BrowserName): string | undefined
export function chromiumFlags(): string[]
export function firefoxPreferences(): Record<string, boolean | number>
