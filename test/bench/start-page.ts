import { openSealedStore, run, type Client } from '@sotto/core'
import { indexedDbStore } from '@sotto/core/indexeddb'
import { contentTypes, randomBytes, toHex } from '@sotto/protocol'
import { textOf } from '../../packages/core/src/conversations/drafts.js'
import { listMessages } from '../../packages/core/src/conversations/thread.js'
import { sortKey } from '../../packages/core/src/messages/outbox.js'
import { Seal } from '../../packages/core/src/store/seal.js'
import { messageRows } from '../../packages/core/src/store/tables.js'
import { connect } from '../../packages/sotto/src/connect.js'
import { storageName } from '../../packages/sotto/src/names.js'
import { until } from '../support/until.js'

export interface Account {
  readonly relay: string
  readonly account: string
  readonly realm: string
  /** The other one of the conversation. */
  readonly writer: string
}

/** Until the newest page could be shown, in milliseconds, and the keys of its messages. */
export interface Start {
  readonly ms: number
  readonly keys: readonly string[]
}

/** Messages of a page. */
const pageSize = 50
const minute = 60_000

declare const siteToken: () => Promise<string>

const open = ({ relay, account, realm }: Account): Promise<Client> =>
  connect({ account, realm, relay, token: () => siteToken() })

/** Comes online, so that there is somebody to write to. */
export async function appear(account: Account): Promise<void> {
  const client = await open(account)
  await until(() => client.state.value.name === 'online')
  await client.close()
}

/** Answers who wrote, and then puts `count` older messages into the thread, in rows like those of the two that were sent. */
export async function fill(account: Account, count: number): Promise<void> {
  const { writer } = account
  const client = await open(account)
  await until(() => client.conversations.value.length === 1)
  const thread = client.conversation(writer)
  await thread.accept()
  const stop = thread.messages.subscribe(() => undefined)
  await thread.send('hello')
  await until(() => thread.messages.value.some((one) => one.kind === 'text' && one.state?.name === 'sent'))
  stop()
  await client.close()
  await addOlder(nameOf(account), writer, count)
}

async function addOlder(name: string, writer: string, count: number): Promise<void> {
  const store = await openSealedStore(await indexedDbStore(name), { name })
  const [theirs, ours] = (await run(store, (rows) => listMessages(rows, writer, 2))).map(({ row }) => row)
  if (theirs === undefined || ours === undefined) throw new Error('nothing was said')
  const begin = Date.now() - count * minute
  for (let from = 0; from < count; from += 500) {
    await run(store, async (rows) => {
      for (let i = from; i < Math.min(count, from + 500); i++) {
        const messageId = toHex(randomBytes(16))
        const at = begin + i * minute
        const clock = { ms: at, logical: 0 }
        const body = textOf(`Message ${i}. ${'It is as long as one mostly is. '.repeat(i % 7)}`)
        const row = {
          ...(i % 2 === 0 ? theirs : ours),
          messageId,
          at,
          clock,
          body,
          type: contentTypes.text.type,
        }
        messageRows.put(rows, `${writer}/${sortKey(clock, messageId)}`, row)
      }
    })
  }
  store.close()
}

/** As a site starts: `connect()`, and then the conversation. */
export async function ours(account: Account): Promise<Start> {
  const start = performance.now()
  const client = await open(account)
  const { messages } = client.conversation(account.writer)
  let stop = () => {}
  const ms = await new Promise<number>((resolve) => {
    stop = messages.subscribe((shown) => {
      if (shown.length >= pageSize) resolve(performance.now() - start)
    })
  })
  const keys = messages.value.map(({ key }) => key)
  stop()
  await client.close()
  return { ms, keys }
}

/** The least that reads the same: the database opened, the root key read, the rows of the page read in one request and opened. */
export async function raw(account: Account): Promise<Start> {
  const name = nameOf(account)
  const start = performance.now()
  const database = await done(indexedDB.open(name))
  const rows = () => database.transaction('rows').objectStore('rows')
  const root = (await done(rows().get(['root', 'key']))) as { readonly value: CryptoKey }
  const seal = await Seal.of(root.value, name)
  const table = seal.table('messages')
  const prefix = seal.name('messages', account.writer)
  const query = IDBKeyRange.bound([table, `${prefix}/`], [table, `${prefix}0`], false, true)
  const options = { query, count: pageSize, direction: 'prev' }
  const page = (await done(rows().getAll(options as unknown as IDBKeyRange))) as readonly {
    readonly key: string
    readonly value: Uint8Array
  }[]
  const opened = await Promise.all(page.map(({ key, value }) => seal.open('messages', key, value)))
  const ms = performance.now() - start
  database.close()
  return { ms, keys: opened.map(({ key }) => key).reverse() }
}

const nameOf = ({ realm, relay, account }: Account): string =>
  storageName(realm, new URL(relay).origin, account)

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('no such database'))
  })
}
