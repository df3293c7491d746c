export type BrowserName = 'chromium' | 'firefox'

export function findBrowser(name: BrowserName): string | undefined
export function chromiumFlags(): string[]
export function installBrowsers(names?: readonly BrowserName[]): Promise<string>
