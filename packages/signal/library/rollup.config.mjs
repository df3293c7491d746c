// Makes library.js: the library's CommonJS as it is, but for what the aliases replace, inside one function.
// Each call of that function is a library of its own, with its own curve, cryptography and nothing else that
// lives on: two clients on a page share none of it.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import commonjs from '@rollup/plugin-commonjs'
import nodeResolve from '@rollup/plugin-node-resolve'

const here = (name) => fileURLToPath(new URL(name, import.meta.url))
const require = createRequire(import.meta.url)
const name = '@privacyresearch/libsignal-protocol-typescript'
const { version } = JSON.parse(readFileSync(require.resolve(`${name}/package.json`), 'utf8'))
if (version !== '0.0.16') throw new Error(`${name} ${version}: the checks around it were written for 0.0.16`)

const aliases = [
  [/(^|\/)msrcrypto(\.js)?$/, here('./aliases/no-crypto.cjs')],
  [/(^|\/)session-lock(\.js)?$/, here('./aliases/session-lock.js')],
  [/^@privacyresearch\/curve25519-typescript$/, here('./aliases/curve.js')],
  [/^@privacyresearch\/libsignal-protocol-protobuf-ts$/, here('./aliases/messages.js')],
]

const alias = {
  name: 'alias',
  resolveId(source, importer) {
    if (importer === undefined || importer.startsWith(here('./'))) return null
    return aliases.find(([pattern]) => pattern.test(source))?.[1] ?? null
  },
}

export default {
  input: here('./entry.js'),
  plugins: [alias, nodeResolve(), commonjs({ strictRequires: 'auto', ignoreGlobal: true })],
  context: 'undefined',
  treeshake: { moduleSideEffects: true },
  onwarn(warning) {
    // The library's modules know each other in circles; anything else is news.
    if (warning.code !== 'CIRCULAR_DEPENDENCY' && warning.code !== 'THIS_IS_UNDEFINED')
      throw new Error(warning.message)
  },
  output: {
    file: here('./library.js'),
    format: 'iife',
    name: 'library',
    exports: 'named',
    esModule: false,
    banner: [
      `// ${name} ${version}, Copyright Privacy Research, LLC: GPL-3.0-only, see LICENSE beside this file.`,
      '// Bundled with replacements for some of its parts by rollup.config.mjs of @sotto/signal. Made, not written: change the source.',
      'export function createLibrary() {',
      // Where the library prints, it prints sessions with their keys. Strict parsing keeps it from getting
      // there; if it does, it stops.
      "const refuse = () => { throw new Error('the library wanted to print') }",
      'const console = { warn: refuse, error: refuse, log: refuse }',
    ].join('\n'),
    footer: 'return library\n}',
  },
}
