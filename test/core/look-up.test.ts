import { assert, test } from '#test'
import { SottoError } from '@sotto/protocol'
import { World } from '../support/people.js'

test('a tab that does not lead looks a person up by itself, and every tab knows them from then on', async () => {
  const world = await World.make()
  const place = world.installation('alice')
  const leads = await world.online(await place.open())
  await world.person('bob')
  const logins: { readonly epoch: number; readonly sends: number; readonly device: string }[] = []
  const inner = world.network.backend(place.link)
  const follows = await place.open({
    backend: (login) => {
      logins.push(login())
      return inner(login)
    },
  })
  const [here, there] = [follows.conversation('bob'), leads.conversation('bob')]
  assert.equal(here.trust.value.name, 'unknown')
  await here.lookUp()
  await world.time.until(
    () => here.trust.value.name === 'unverified' && there.trust.value.name === 'unverified',
  )
  // It logged in as this device, and without an epoch, which is the leader's alone to raise.
  const { device } = (await world.deviceOn(place)).address
  assert.deepEqual(
    logins.map(({ epoch, sends, device }) => ({ epoch, sends, device })),
    [{ epoch: 0, sends: 0, device }],
  )
  assert.equal(leads.state.value.name, 'online')

  let error: unknown
  await follows
    .conversation('nobody')
    .lookUp()
    .catch((cause: unknown) => (error = cause))
  assert.isTrue(SottoError.is(error, 'unknown-account'))
  await Promise.all([leads.close(), follows.close()])
})
