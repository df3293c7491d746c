import { callFeatures, isTurnAddress, limits } from '@sotto/protocol'
import type { MediaServer, MediaServers } from '../ports/index.js'
import { backendCases, type BackendPlace } from './backend-place.js'
import { expect, expectEqual, expectRejection, type Case } from './case.js'
import { CaseDevice } from './case-device.js'

/** A backend whose site says what an account may do. */
export interface MediaServersPlace extends BackendPlace {
  /** A site's token with the claim `features`, or without it. */
  token(account: string, features?: readonly unknown[]): Promise<string>
}

/** What `MediaServers` promise. `make` gives a backend that has servers for calls, or one that has none. */
export function mediaServersCases(
  make: (options: { readonly servers: boolean }) => Promise<MediaServersPlace>,
): readonly Case[] {
  const { cases, add } = backendCases(() => make({ servers: true }))
  const bare = backendCases(() => make({ servers: false }))

  add('name addresses, and what lets a device in', async (place) => {
    const listed = await serversOf(await CaseDevice.published(place)).list()
    expect(listed.length > 0 && listed.length <= limits.turnServers, 'one server or more')
    listed.forEach(expectUsable)
  })

  add('say nothing of the account in it', async (place) => {
    const device = await CaseDevice.published(place)
    const said = JSON.stringify(await serversOf(device).list())
    for (const own of [device.account, device.chain.accountId, device.id])
      expect(!said.includes(own), 'nothing of the account')
  })

  add('let those in whom the site lets make a voice or a video call', async (place) => {
    const { voice, video } = callFeatures
    for (const features of [[voice], [video], ['other', voice]]) {
      const listed = await serversOf(await withFeatures(place, features)).list()
      expect(listed.length > 0, `a server for ${features.join()}`)
    }
  })

  const lettingNobodyIn = async (place: MediaServersPlace) => {
    for (const features of [[], ['other'], ['call']]) {
      const servers = serversOf(await withFeatures(place, features))
      await expectRejection(servers.list(), 'forbidden', `a list for [${features.join()}]`)
    }
  }
  add('let nobody in whom the site lets make no call', lettingNobodyIn)
  bare.add('let nobody ask whom the site lets make no call, where there are none', lettingNobodyIn)

  add('believe no token whose features are no names', async (place) => {
    const device = await CaseDevice.published(place)
    const forged: BackendPlace = {
      ...place,
      token: (account) => place.token(account, [callFeatures.voice, 7]),
    }
    await expectRejection(serversOf(device.at(forged)).list(), 'unauthorized', 'a list')
  })

  add('let nobody in who cannot prove a device’s key', async (place) => {
    const [device, thief] = [await CaseDevice.published(place), await CaseDevice.create(place)]
    await expectRejection(serversOf(device.at(place, thief.sign)).list(), 'unauthorized', 'a list')
  })

  bare.add('are none where the backend has none', async (place) => {
    expectEqual(await serversOf(await CaseDevice.published(place)).list(), [], 'the servers')
  })

  return [...cases, ...bare.cases]
}

const withFeatures = (place: MediaServersPlace, features: readonly string[]): Promise<CaseDevice> =>
  CaseDevice.published({ ...place, token: (account) => place.token(account, features) })

function serversOf({ servers }: { readonly servers?: MediaServers | undefined }): MediaServers {
  expect(servers !== undefined, 'a backend with that part')
  return servers
}

function expectUsable({ urls, username, credential }: MediaServer): void {
  expect(urls.length > 0 && urls.length <= limits.turnUrls && urls.every(isTurnAddress), 'addresses of TURN')
  for (const text of [username, credential])
    expect(text.length > 0 && text.length <= limits.turnCredential, 'a user name and a credential')
}
