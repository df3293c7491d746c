import { existsSync } from 'node:fs'
import { SottoError, isAccountName } from '@sotto/protocol'
import { ConfigError, databaseOf, readConfig, settings, type Config } from './config.js'
import { disclose } from './disclosure.js'
import { createRelay } from './server.js'
import { SqliteStorage } from './storage/sqlite.js'

const help = `sotto-relay: the reference backend of Sotto

  sotto-relay                    runs a relay until SIGTERM or SIGINT
  sotto-relay disclose ACCOUNT   prints everything this relay holds about an account
  sotto-relay --help             prints this

Settings, by environment variable:
${settings.map(([name, meaning]) => `  ${name.padEnd(22)} ${meaning}`).join('\n')}
`

type Environment = Readonly<Record<string, string | undefined>>

/** What `sotto-relay` does. Resolves with its exit code: 0, 1 for a failure, 2 for a wrong call or setting. */
export async function main(args: readonly string[], env: Environment): Promise<number> {
  const [command, account, ...more] = args
  if (command === '--help' || command === '-h') return say(help)
  try {
    if (command === undefined) return await serve(readConfig(env))
    if (command === 'disclose' && account !== undefined && more.length === 0) return await tell(account, env)
  } catch (error) {
    return complain(error, env)
  }
  process.stderr.write(help)
  return 2
}

async function serve(config: Config): Promise<number> {
  const { origin, turn, ...rest } = config
  // Listened for before anything is opened: a signal while it starts, or right after it says that it listens, ends it in order as well.
  const ended = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
  })
  const relay = await createRelay({
    ...rest,
    ...(origin === undefined ? {} : { origin }),
    ...(turn === undefined ? {} : { turn }),
  })
  try {
    const { url } = await relay.listen(config)
    process.stdout.write(`sotto-relay: listening on ${url}\n`)
    await ended
    return 0
  } finally {
    await relay.close()
  }
}

async function tell(account: string, env: Environment): Promise<number> {
  if (!isAccountName(account)) return fail('ACCOUNT has to be an account name', 2)
  const path = databaseOf(env)
  if (!existsSync(path)) throw new ConfigError('SOTTO_DATABASE', 'there is no such file')
  const storage = SqliteStorage.open(path, { readOnly: true })
  try {
    return say(`${JSON.stringify(await disclose(storage, account), undefined, 2)}\n`)
  } finally {
    await storage.close()
  }
}

/** Says which setting to change. */
function complain(error: unknown, env: Environment): number {
  if (error instanceof ConfigError) return fail(error.words, 2)
  if (SottoError.is(error, 'store-locked'))
    return fail('SOTTO_DATABASE: another relay has this file: set another one, or stop it', 1)
  if (SottoError.is(error, 'store-full')) return fail('SOTTO_DATABASE: there is no room on its disk', 1)
  if (SottoError.is(error, 'unsupported-version'))
    return fail('SOTTO_DATABASE: this file was written by a newer relay: update this one', 1)
  if (SottoError.is(error, 'store-failed'))
    return fail('SOTTO_DATABASE: this file cannot be opened as a database', 1)
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') return fail(`PORT: ${env.PORT ?? '8080'} is taken: set another one`, 1)
  if (code === 'EACCES')
    return fail(`PORT: ${env.PORT ?? '8080'} may not be opened by this user: set another one`, 1)
  if (code === 'MODULE_NOT_FOUND' || code === 'ERR_DLOPEN_FAILED')
    return fail(
      'better-sqlite3 is not installed for this Node: run npm rebuild, or use Node 22.13 or newer',
      1,
    )
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return fail('HOST: is no address of this machine', 1)
  throw error
}

function say(text: string): number {
  process.stdout.write(text)
  return 0
}

function fail(text: string, code: number): number {
  process.stderr.write(`sotto-relay: ${text}\n`)
  return code
}
