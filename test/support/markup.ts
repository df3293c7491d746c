import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { root } from './sources.js'

/** Names of our elements, each with the attributes that it listens to. */
export type Vocabulary = ReadonlyMap<string, readonly string[]>

/** Asks the elements themselves, in Node, where Lit brings as much of a page as that takes. */
export async function vocabulary(): Promise<Vocabulary> {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-elements-'))
  const outfile = join(folder, 'elements.mjs')
  try {
    await build({
      entryPoints: [`${root}packages/elements/src/index.ts`],
      tsconfig: `${root}tsconfig.base.json`,
      conditions: ['@sotto/source'],
      platform: 'node',
      format: 'esm',
      bundle: true,
      outfile,
    })
    const { elements, CallElement, CallsElement, DeviceCheckElement, SafetyElement } = (await import(
      pathToFileURL(outfile).href
    )) as Exports
    // These are fetched after the others, so they do not stand with them.
    const all = {
      ...elements,
      'sotto-call': CallElement,
      'sotto-calls': CallsElement,
      'sotto-device-check': DeviceCheckElement,
      'sotto-safety': SafetyElement,
    }
    return new Map(Object.entries(all).map(([name, { observedAttributes }]) => [name, observedAttributes]))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

interface ElementClass {
  readonly observedAttributes: string[]
}

interface Exports {
  readonly elements: Readonly<Record<string, ElementClass>>
  readonly CallElement: ElementClass
  readonly CallsElement: ElementClass
  readonly DeviceCheckElement: ElementClass
  readonly SafetyElement: ElementClass
}

const everywhere = ['id', 'class', 'lang', 'dir', 'hidden', 'slot', 'part', 'style']
const empty = ['link', 'meta', 'img', 'input', 'br', 'hr']

/** What is wrong with a piece of markup: tags that are not closed in order, elements of ours that are none, attributes that they do not know. */
export function faultsIn(markup: string, known: Vocabulary): readonly string[] {
  const faults: string[] = []
  const open: string[] = []
  const tags = /<!--[^]*?-->|<(\/?)([a-z][\w-]*)((?:\s+[\w:-]+(?:="[^"]*")?)*)\s*\/?>|<[^!]/g
  for (const [whole, closing, name = '', rest = ''] of markup.matchAll(tags)) {
    if (whole.startsWith('<!--')) continue
    if (name === '') faults.push(`no tag: ${whole}`)
    else if (closing === '/') {
      if (open.pop() !== name) faults.push(`</${name}> closes something else`)
    } else {
      if (!empty.includes(name)) open.push(name)
      if (name.startsWith('sotto-')) faults.push(...unknownIn(name, rest, known))
    }
  }
  return [...faults, ...open.map((name) => `<${name}> is not closed`)]
}

function unknownIn(name: string, rest: string, known: Vocabulary): readonly string[] {
  const attributes = known.get(name)
  if (attributes === undefined) return [`there is no <${name}>`]
  return [...rest.matchAll(/([\w:-]+)(?:="[^"]*")?/g)]
    .map(([, attribute = '']) => attribute)
    .filter((one) => !attributes.includes(one) && !everywhere.includes(one) && !/^(aria|data)-/.test(one))
    .map((one) => `<${name}> has no ${one}`)
}
