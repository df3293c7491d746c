import { readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { test, assert } from '#test'
import { importsOf, parse, root } from './support/sources.js'

const folder = 'packages/sotto/dist/'
/** `sotto.js` with its chunks and workers, as `npm run build` made them. */
const files = readdirSync(root + folder).filter((name) => /^sotto[\w-]*\.js$/.test(name))
const textOf = (name: string): string => readFileSync(root + folder + name, 'utf8')

/** What may stand in no file of ours, and how often somebody else's code has it all the same. */
const banned: readonly { readonly what: RegExp; readonly but: readonly RegExp[] }[] = [
  { what: /msrcrypto/i, but: [] },
  { what: /\beval\(/, but: [] },
  { what: /\bFunction\(/, but: [] },
  { what: /unsafeHTML|unsafeSVG|outerHTML|insertAdjacentHTML|document\.write/, but: [] },
  { what: /createElement\(["'`]script/, but: [] },
  // lit-html marks the places in its templates by a number at random; no key hangs on it.
  { what: /Math\.random/, but: [/`lit\$\$\{Math\.random\(\)\.toFixed\(9\)\.slice\(2\)\}\$`/] },
  // lit-html makes its templates there, by the Trusted Types policy that the site's own policy names.
  { what: /innerHTML/, but: [/\.createElement\("template"\);return \w+\.innerHTML=/] },
  // A namespace of SVG or MathML is a name, not an address; so are those of the header extensions of calls, and nobody fetches them.
  {
    what: /\bhttps?:\/\/[a-z0-9]/i,
    but: [
      /http:\/\/www\.w3\.org\/\d{4}\/[\w/]+/g,
      /http:\/\/www\.webrtc\.org\/experiments\/rtp-hdrext\//g,
      /http:\/\/www\.ietf\.org\/id\/draft-[\w-]+/g,
    ],
  },
]

function remains(text: string): readonly string[] {
  return banned.flatMap(({ what, but }) => {
    const rest = but.reduce((left, allowed) => left.replace(allowed, ''), text)
    const found = what.exec(rest)
    return found === null ? [] : [rest.slice(Math.max(0, found.index - 40), found.index + 40)]
  })
}

test('the bundle is one entry with chunks beside it that name it', () => {
  assert.include(files, 'sotto.js')
  const asked = files.flatMap((name) => importsOf(parse(name, textOf(name))))
  assert.deepEqual(
    asked.filter((to) => !to.startsWith('./') || !files.includes(to.slice(2))),
    [],
  )
})

test('no file of the bundle holds what a strict policy refuses, what makes weak keys, or the address of a third party', () => {
  const found = files.flatMap((name) => remains(textOf(name)).map((piece) => `${name}: ${piece}`))
  assert.deepEqual(found, [])
})

test('what is banned is found, and what is allowed is allowed once', () => {
  for (const text of [
    'var msrCrypto={}',
    'eval("1")',
    'new Function("a")',
    'Function("return this")()',
    'e.innerHTML=t',
    'Math.random()*2',
    'fetch("https://cdn.example.com/a.js")',
    'document.createElement("script")',
  ]) {
    assert.lengthOf(remains(text), 1, text)
  }
  const marker = '`lit$${Math.random().toFixed(9).slice(2)}$`'
  assert.isEmpty(remains(marker))
  assert.lengthOf(remains(marker + marker), 1)
})

test('the bundle names the licences of all that is in it', () => {
  assert.match(textOf('sotto.js').slice(0, 200), /GPL-3\.0-only.*sotto\.licences\.txt/)
  const licences = readFileSync(`${root}${folder}sotto.licences.txt`, 'utf8')
  for (const name of ['lit-html', '@noble/curves', 'idb', '@sotto/signal']) {
    assert.match(licences, new RegExp(`^${name} [\\d.]+: `, 'm'))
  }
  assert.include(licences, 'GNU GENERAL PUBLIC LICENSE')
})

/** Bytes after gzip of a file and of what it imports at once. */
function firstLoad(name: string, seen = new Set<string>()): number {
  if (seen.has(name)) return 0
  seen.add(name)
  const text = textOf(name)
  const size = gzipSync(text, { level: 9 }).length
  const statics = [...text.matchAll(/(?:^|[;}\n])(?:import|export)[^;"'()]*["']\.\/(sotto[\w-]*\.js)["']/g)]
  return statics.reduce((sum, [, other = '']) => sum + firstLoad(other, seen), size)
}

test('what a first paint needs is under 80 KB of gzip', () => {
  assert.isBelow(firstLoad('sotto.js'), 80_000)
})

test('the first load is all that is imported at once, and not what is asked for later', () => {
  const later = files.filter((name) => name.startsWith('sotto-connect-'))
  assert.lengthOf(later, 1)
  const seen = new Set<string>()
  assert.isAbove(firstLoad('sotto.js', seen), 10_000)
  assert.isFalse(seen.has(later[0] ?? ''), 'the cryptography comes when somebody connects')
})

test('the bundle exports what the package exports', async () => {
  const exported = /export\s*\{([^}]*)\}/.exec(textOf('sotto.js'))?.[1] ?? ''
  const names = exported.split(',').map((one) => one.split(' as ').pop()?.trim())
  assert.sameMembers(names, Object.keys(await import('sotto')))
})
