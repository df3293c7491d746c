import { relayBackend } from '@sotto/core/relay'
import { directoryCases, mediaServersCases, transportCases } from '@sotto/core/testing'
import { createRelay } from '@sotto/relay'
import { test } from '#test'
import { Site } from '../support/signing-site.js'

/** The relay and its adapter in core, over loopback sockets. */
async function makePlace({ servers }: { readonly servers: boolean } = { servers: false }) {
  const site = new Site()
  const { realm, secret } = site
  const turn = servers ? { turn: { urls: ['turn:turn.example.com'], secret } } : {}
  const relay = await createRelay({ realm, database: ':memory:', tokens: { secret }, ...turn })
  const { url } = await relay.listen({ host: '127.0.0.1', port: 0 })
  return {
    realm,
    backend: () => relayBackend({ url }),
    token: (account: string, features?: readonly unknown[]) =>
      site.token(account, features === undefined ? {} : { features }),
    dispose: () => relay.close(),
  }
}

for (const { name, run } of directoryCases(makePlace)) test(`relay directory: ${name}`, run)

for (const { name, run } of transportCases(makePlace)) test(`relay transport: ${name}`, run)

for (const { name, run } of mediaServersCases(makePlace)) test(`relay servers ${name}`, run)
