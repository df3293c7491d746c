export type ProgramName = 'chromium' | 'firefox' | 'turnserver'

export function findProgram(name: ProgramName): string | undefined
export function installPrograms(names: readonly ProgramName[]): Promise<string>
