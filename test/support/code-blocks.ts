import { readFileSync } from 'node:fs'
import ts from 'typescript'
import { root } from './sources.js'

/** A piece of code in a document, between fences. */
export interface CodeBlock {
  readonly document: string
  readonly line: number
  readonly language: string
  readonly code: string
}

/**
 * The fenced blocks of a document. What a block takes for granted is said by a comment before it, which the reader of the page does not see:
 * `<!-- given: declare const client: Client -->`. It stands in front of the block's code.
 */
export function blocksOf(
  document: string,
  text = readFileSync(root + document, 'utf8'),
): readonly CodeBlock[] {
  const blocks: CodeBlock[] = []
  const fences = /(?:<!-- given:\s([^]*?)-->\s*)?^( *)(`{3,})(\w*)[^\n]*\n([^]*?)^\2\3 *$/gm
  for (const match of text.matchAll(fences)) {
    const [whole, given = '', , , language = '', code = ''] = match
    const line = text.slice(0, match.index + whole.indexOf('```')).split('\n').length
    blocks.push({ document, line, language, code: given === '' ? code : `${given.trim()}\n${code}` })
  }
  return blocks
}

/** Compiles each block as a module of its own against the packages' sources, as somebody's who has them installed. Returns what is wrong. */
export function compileBlocks(blocks: readonly CodeBlock[]): readonly string[] {
  const files = new Map(
    blocks.map((block, i) => [`${root}docs/block-${i}.${block.language === 'tsx' ? 'tsx' : 'ts'}`, block]),
  )
  const options = optionsOf(`${root}tsconfig.base.json`)
  const host = ts.createCompilerHost(options)
  const plain = { exists: host.fileExists.bind(host), source: host.getSourceFile.bind(host) }
  host.fileExists = (name) => files.has(name) || plain.exists(name)
  host.getSourceFile = (name, ...rest) => {
    const block = files.get(name)
    // A block without imports is a module all the same, so that its names are its own.
    if (block !== undefined)
      return ts.createSourceFile(name, `${block.code}\nexport {}`, ts.ScriptTarget.ES2022)
    return plain.source(name, ...rest)
  }
  const program = ts.createProgram([...files.keys()], options, host)
  return [...files].flatMap(([name, block]) => {
    const file = program.getSourceFile(name)
    const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]
    return found.map(({ messageText }) => {
      return `${block.document}:${block.line} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
    })
  })
}

function optionsOf(path: string): ts.CompilerOptions {
  const { config } = ts.readConfigFile(path, ts.sys.readFile) as { config: unknown }
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  const unused = { noUnusedLocals: false, noUnusedParameters: false }
  return {
    ...options,
    ...unused,
    composite: false,
    declaration: false,
    noEmit: true,
    types: ['node'],
    jsx: ts.JsxEmit.ReactJSX,
  }
}
