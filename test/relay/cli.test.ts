import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SqliteStorage } from '@sotto/relay'
import { assert, test } from '#test'
import { readConfig } from '../../packages/relay/src/config.js'
import { RelayProcess, runRelay } from '../support/relay-process.js'
import { until } from '../support/until.js'

const secret = 'a secret of at least thirty-two characters'

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-cli-'))
  try {
    await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const settingsIn = (folder: string) => ({
  SOTTO_REALM: 'example.com',
  SOTTO_TOKEN_SECRET: secret,
  SOTTO_DATABASE: join(folder, 'relay.sqlite'),
  PORT: '0',
})

test('sotto-relay starts, answers, and ends with 0 when it is asked to', () =>
  withFolder(async (folder) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const relay = new RelayProcess([], settingsIn(folder))
      const response = await fetch(`${await relay.url()}/health`)
      assert.deepEqual(await response.json(), { ok: true })
      assert.equal(await relay.stop(signal), 0)
      assert.equal(relay.errors, '')
    }
  }))

test('sotto-relay --help names every setting, and a wrong call says the same with 2', async () => {
  const [help, wrong] = await Promise.all([runRelay(['--help'], {}), runRelay(['serve'], {})])
  assert.equal(help.code, 0)
  const names = [
    'SOTTO_REALM',
    'SOTTO_TOKEN_SECRET',
    'SOTTO_DATABASE',
    'SOTTO_TURN_SECRET',
    'PORT',
    'disclose',
  ]
  for (const name of names) assert.include(help.out, name)
  assert.deepEqual([wrong.code, wrong.errors], [2, help.out])
})

test('sotto-relay says which setting is wrong, each in one line, with 2', () =>
  withFolder(async (folder) => {
    const { SOTTO_TOKEN_SECRET: _secret, ...noSecret } = settingsIn(folder)
    const { SOTTO_REALM: _realm, ...noRealm } = settingsIn(folder)
    const good = settingsIn(folder)
    const wrong: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
      ['SOTTO_REALM: is missing', noRealm],
      ['SOTTO_REALM: has to be', { ...good, SOTTO_REALM: 'https://example.com' }],
      ['SOTTO_TOKEN_SECRET: is missing', noSecret],
      ['SOTTO_TOKEN_SECRET: has to be 32', { ...good, SOTTO_TOKEN_SECRET: 'short' }],
      ['SOTTO_TOKEN_JWKS: is set beside', { ...good, SOTTO_TOKEN_JWKS: 'https://example.com/keys' }],
      ['SOTTO_TOKEN_JWKS: has to be', { ...noSecret, SOTTO_TOKEN_JWKS: 'http://example.com/keys' }],
      ['SOTTO_ALLOWED_ORIGINS: has to be', { ...good, SOTTO_ALLOWED_ORIGINS: 'https://example.com/' }],
      ['SOTTO_ORIGIN: has to be', { ...good, SOTTO_ORIGIN: 'relay.example.com' }],
      ['SOTTO_ORIGIN: is missing', { ...good, HOST: '0.0.0.0' }],
      ['SOTTO_DATABASE: has to be', { ...good, SOTTO_DATABASE: '' }],
      ['SOTTO_TURN_URLS: is missing', { ...good, SOTTO_TURN_SECRET: secret }],
      ['SOTTO_TURN_SECRET: is missing', { ...good, SOTTO_TURN_URLS: 'turn:turn.example.com' }],
      [
        'SOTTO_TURN_URLS: has to be',
        {
          ...good,
          SOTTO_TURN_SECRET: secret,
          SOTTO_TURN_URLS: 'turn:turn.example.com, stun:turn.example.com',
        },
      ],
      [
        'SOTTO_TURN_SECRET: has to be 32',
        { ...good, SOTTO_TURN_SECRET: 'short', SOTTO_TURN_URLS: 'turn:turn.example.com' },
      ],
      ['SOTTO_TRUST_PROXY: has to be', { ...good, SOTTO_TRUST_PROXY: 'yes' }],
      ['PORT: has to be', { ...good, PORT: '65536' }],
    ]
    const answers = await Promise.all(wrong.map(([, settings]) => runRelay([], settings)))
    answers.forEach(({ code, errors, out }, i) => {
      const words = wrong[i]?.[0] ?? ''
      assert.match(errors, /^sotto-relay: [^\n]+\n$/, words)
      assert.include(errors, words)
      assert.deepEqual([code, out], [2, ''], words)
    })
  }))

test('sotto-relay takes a TURN server by its settings, and has none where both are empty', () =>
  withFolder(async (folder) => {
    const urls = 'turn:turn.example.com, turns:turn.example.com'
    for (const turn of [
      { SOTTO_TURN_URLS: urls, SOTTO_TURN_SECRET: secret },
      { SOTTO_TURN_URLS: '', SOTTO_TURN_SECRET: '' },
    ]) {
      const relay = new RelayProcess([], { ...settingsIn(folder), ...turn })
      await relay.url()
      assert.equal(await relay.stop('SIGTERM'), 0)
    }
    assert.deepEqual(
      readConfig({ ...settingsIn(folder), SOTTO_TURN_URLS: urls, SOTTO_TURN_SECRET: secret }).turn,
      { urls: ['turn:turn.example.com', 'turns:turn.example.com'], secret },
    )
  }))

test('sotto-relay ends in order where it is told to while it starts', () =>
  withFolder(async (folder) => {
    const settings = settingsIn(folder)
    const relay = new RelayProcess([], settings)
    await until(() => existsSync(settings.SOTTO_DATABASE))
    assert.equal(await relay.stop('SIGTERM'), 0)
    const again = new RelayProcess([], settings)
    await again.url()
    assert.equal(await again.stop('SIGTERM'), 0)
  }))

test('sotto-relay says what to change where the world is in its way', () =>
  withFolder(async (folder) => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as AddressInfo
    const locked = join(folder, 'locked.sqlite')
    const holder = SqliteStorage.open(locked)
    const garbage = join(folder, 'garbage.sqlite')
    await writeFile(garbage, 'this is no database, and long enough to be read as one '.repeat(40))
    const newer = join(folder, 'newer.sqlite')
    const made = SqliteStorage.open(newer)
    await made.write((rows) => rows.run('PRAGMA user_version = 900'))
    await made.close()
    const good = settingsIn(folder)
    try {
      const cases = [
        [`PORT: ${port} is taken`, { ...good, PORT: String(port) }],
        ['SOTTO_DATABASE: another relay has this file', { ...good, SOTTO_DATABASE: locked }],
        ['SOTTO_DATABASE: this file cannot be opened', { ...good, SOTTO_DATABASE: garbage }],
        ['SOTTO_DATABASE: this file cannot be opened', { ...good, SOTTO_DATABASE: join(folder, 'no', 'x') }],
        ['SOTTO_DATABASE: this file was written by a newer relay', { ...good, SOTTO_DATABASE: newer }],
        ['HOST: is no address', { ...good, SOTTO_DATABASE: join(folder, 'h'), HOST: '203.0.113.7' }],
      ] as const
      for (const [words, settings] of cases) {
        const { code, errors } = await runRelay([], settings)
        assert.match(errors, /^sotto-relay: [^\n]+\n$/, words)
        assert.include(errors, words)
        assert.equal(code, 1, words)
      }
    } finally {
      taken.close()
      await holder.close()
    }
  }))
