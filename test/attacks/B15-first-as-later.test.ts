import { run } from '@sotto/core'
import { decodeBody, emptyExt, sessionName, type Body, type StampedEnvelope } from '@sotto/protocol'
import { assert, test } from '#test'
import { otherDevice } from '../../packages/core/src/peers/devices-of.js'
import { readPeer } from '../../packages/core/src/peers/peer.js'
import { Sessions } from '../../packages/core/src/sessions/sessions.js'
import { rejects } from '../core/reject.js'
import { watch } from '../support/people.js'
import { withEvilRelay } from '../support/relay-people.js'
import { snapshot } from '../support/snapshot.js'
import { until } from '../support/until.js'

test('B15 a ciphertext that begins a session is not read as one of a session that stands: an envelope has one spelling', () =>
  withEvilRelay(async (world) => {
    const { relay } = world
    const [alices, bobs] = [world.installation('alice'), world.installation('bob')]
    const [alice, bob] = [await alices.online(), await bobs.online()]
    const [hers, his] = [await alices.device(), await bobs.device()]
    const held: StampedEnvelope[] = []
    let holding = false
    relay.hooks.onDeliver = (stamped, to) => {
      if (!holding || to !== his.address.device) return [stamped]
      held.push(stamped)
      return []
    }
    const seen = watch(bob, 'alice')
    await alice.conversation('bob').send('one')
    await until(() => seen.texts().length === 1)
    // Bob has not answered, so that the next one says again what begins the session, which Bob has by now.
    holding = true
    await alice.conversation('bob').send('two')
    await until(() => held.length === 1)
    await bob.close()
    const body = held
      .map(({ envelope }) => decodeBody(envelope.body).body)
      .find((one) => one.type === 'first')
    if (body === undefined) throw new Error('a first message')
    const side = ({ address, identity }: typeof hers) => ({ address, identityKey: identity.publicKey })
    const session = sessionName(side(hers), side(his), body.baseKey, body.generation)
    const store = await bobs.sealed()
    const before = await snapshot(bobs)
    const opened = (given: Body) =>
      run(store, async (rows) => {
        const { chain } = await readPeer(rows, 'alice')
        const other = chain && otherDevice(chain, hers.address.device)
        if (other === undefined) throw new Error('Bob knows Alice')
        return new Sessions(world.cipher, () => his).decrypt(rows.nest(), other, given, Date.now())
      })
    const { ciphertext } = body
    await rejects(opened({ type: 'later', session, ciphertext, ext: emptyExt }), 'malformed')
    assert.deepEqual(await snapshot(bobs), before)
    // The control: as it was sent, it is read, and in that very session.
    assert.equal((await opened(body)).session, session)
  }))
