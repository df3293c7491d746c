import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { after } from 'node:test'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { build } from 'vite'
import webpack from 'webpack'
import { test, assert } from '#test'
import { manifestsIn, packPackages, run } from './support/packed-packages.js'
import { openPage } from './support/served-page.js'
import { packageSources, root } from './support/sources.js'

const { folder, tarballs, project } = await packPackages()
after(() => rm(folder, { recursive: true, force: true }))

const manifests = await manifestsIn(project)
const subpaths = manifests.flatMap(({ name, exports }) =>
  Object.keys(exports).map((path) => name + path.slice(1)),
)
/** The bundle is for pages alone; all else can at least be imported where there is no page. */
const forPages = 'sotto/sotto.js'
const workers = packageSources().filter(({ path }) => path.endsWith('-worker.ts'))

test('there are six packages, each with its licence and without sources', async () => {
  assert.lengthOf(tarballs, 6)
  for (const { name } of manifests) {
    const home = join(project, 'node_modules', name)
    const files = (await readdir(home, { recursive: true, withFileTypes: true })).filter((entry) =>
      entry.isFile(),
    )
    const odd = files
      .map((entry) => entry.name)
      .filter((file) => /(?<!\.d)\.ts$|tsbuildinfo|\.map$|\.test\./.test(file))
    assert.deepEqual(odd, [], name)
    const licence = await readFile(join(home, 'LICENSE'), 'utf8')
    assert.match(
      licence,
      /^(@sotto\/signal|sotto)$/.test(name) ? /GNU GENERAL PUBLIC LICENSE/ : /Apache License/,
      name,
    )
  }
})

test('every subpath of every package can be imported in Node', async () => {
  assert.include(subpaths, '@sotto/core/ports')
  const imports = subpaths
    .filter((path) => path !== forPages)
    .map((path) => `await import(${JSON.stringify(path)})`)
  await run(process.execPath, ['--input-type=module', '-e', imports.join('\n')], project)
})

test('a client and a relay from the packages find each other', async () => {
  const script = `
    import { connect } from 'sotto'
    import { memoryStore } from '@sotto/core/memory'
    import { createRelay } from '@sotto/relay'
    import { SignJWT } from 'jose'
    const secret = 'a secret of at least thirty-two bytes'
    const relay = await createRelay({ realm: 'localhost', database: ':memory:', tokens: { secret } })
    const { url } = await relay.listen({ host: '127.0.0.1', port: 0 })
    const token = () => new SignJWT().setProtectedHeader({ alg: 'HS256' }).setSubject('alice').setAudience('localhost')
      .setIssuedAt().setExpirationTime('5m').sign(new TextEncoder().encode(secret))
    const client = await connect({ account: 'alice', realm: 'localhost', relay: url, token, store: memoryStore() })
    await new Promise((resolve) => client.state.subscribe((state) => { if (state.name === 'online') resolve() }))
    await client.close()
    await relay.close()
    process.stdout.write('connected')`
  assert.equal(await run(process.execPath, ['--input-type=module', '-e', script], project), 'connected')
})

test('the command of the relay is installed and runs', async () => {
  assert.match(
    await run(join(project, 'node_modules/.bin/sotto-relay'), ['--help'], project),
    /^sotto-relay: /,
  )
})

test('publint finds nothing', async () => {
  for (const tarball of tarballs) {
    const bytes = await readFile(tarball)
    const { messages, pkg } = await publint({ pack: { tarball: Uint8Array.from(bytes).buffer } })
    assert.deepEqual(
      messages.map((message) => formatMessage(message, pkg)),
      [],
      tarball,
    )
  }
})

test('types are found by all who look for ES modules', async () => {
  const attw = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js')
  for (const tarball of tarballs)
    await run(process.execPath, [attw, tarball, '--profile', 'esm-only'], folder)
})

test('a strict project compiles against the types, in both ways to resolve modules', async () => {
  const imports = subpaths.map((path, i) => `import * as m${i} from '${path}'`)
  const uses = `import { connect, SottoError, type Client } from 'sotto'
const client: Client = await connect({ account: 'alice', realm: 'example.com', relay: 'https://relay.example.com', token: async () => '' })
await client.conversation('bob').send('Lunch?')
// @ts-expect-error there is no such option
void connect({ acount: 'alice' })
export const ok: boolean = SottoError.is(undefined, 'closed')`
  await writeFile(
    join(project, 'use.ts'),
    `${uses}\n${imports.join('\n')}\nexport const all = [${imports.map((_, i) => `m${i}`).join()}]\n`,
  )
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  for (const [module, moduleResolution] of [
    ['esnext', 'bundler'],
    ['nodenext', 'nodenext'],
  ]) {
    const lib = ['es2022', 'dom', 'dom.iterable']
    const options = {
      module,
      moduleResolution,
      lib,
      types: [],
      target: 'es2022',
      strict: true,
      noEmit: true,
      skipLibCheck: true,
    }
    await writeFile(
      join(project, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: options, files: ['use.ts'] }),
    )
    await run(process.execPath, [tsc, '-p', project], project)
  }
})

/** A page as somebody would write it who has a bundler. */
async function makePage(name: string): Promise<string> {
  const page = join(project, name)
  await mkdir(page)
  await writeFile(
    join(page, 'index.html'),
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title></head><body>
    <sotto-messenger></sotto-messenger><script type="module" src="./main.js"></script></body></html>`,
  )
  await writeFile(
    join(page, 'main.js'),
    `import 'sotto/define'
    import { connect } from 'sotto'
    document.documentElement.dataset.connect = typeof connect`,
  )
  return page
}

async function checkPage(dist: string): Promise<void> {
  const { result, complaints } = await openPage(dist, async () => {
    await customElements.whenDefined('sotto-messenger')
    const element = document.querySelector('sotto-messenger') as HTMLElement & {
      updateComplete: Promise<boolean>
    }
    await element.updateComplete
    return {
      connect: document.documentElement.dataset['connect'],
      drawn: (element.shadowRoot?.childElementCount ?? 0) > 0,
    }
  })
  assert.deepEqual(complaints, [])
  assert.deepEqual(result, { connect: 'function', drawn: true })
  const files = await readdir(dist, { recursive: true })
  for (const { path } of workers) {
    const name = /([\w-]+)\.ts$/.exec(path)?.[1] ?? path
    assert.isTrue(
      files.some((file) => file.includes(name)),
      `${name} is a file of its own`,
    )
  }
}

test('a page made with Vite draws the messenger under the strict policy', async () => {
  const page = await makePage('vite-page')
  await build({ root: page, logLevel: 'error', configFile: false })
  await checkPage(join(page, 'dist'))
})

test('a page made with webpack draws the messenger under the strict policy', async () => {
  const page = await makePage('webpack-page')
  const dist = join(page, 'dist')
  const compiler = webpack({
    mode: 'production',
    context: page,
    entry: './main.js',
    // As docs/getting-started.md says: webpack sets `script.src` for what it loads later.
    output: { path: dist, filename: 'main.js', trustedTypes: { policyName: 'sotto' } },
    performance: { hints: false },
  })
  const stats = await new Promise<webpack.Stats | undefined>((resolve, reject) => {
    compiler.run((error, done) => (error === null ? resolve(done) : reject(error)))
  })
  assert.deepEqual(stats?.toJson({ all: false, errors: true, warnings: true }), { errors: [], warnings: [] })
  await cp(join(page, 'index.html'), join(dist, 'index.html'))
  await checkPage(dist)
})

test('a page that takes the bundle as it is draws the messenger under the strict policy', async () => {
  const page = await makePage('plain-page')
  const bundle = createRequire(join(project, 'package.json')).resolve(forPages)
  await cp(join(bundle, '..'), page, { recursive: true })
  await writeFile(
    join(page, 'main.js'),
    "import { connect } from './sotto.js'\ndocument.documentElement.dataset.connect = typeof connect\n",
  )
  await checkPage(page)
})
