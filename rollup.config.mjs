// Makes the bundle of one tag, packages/sotto/dist/sotto.js: its lazy chunks and workers lie beside it. The packages themselves are made by tsc,
// unbundled, but for their workers, each of which becomes one file.
import { readFileSync } from 'node:fs'
import commonjs from '@rollup/plugin-commonjs'
import nodeResolve from '@rollup/plugin-node-resolve'
import terser from '@rollup/plugin-terser'
import esbuild from 'rollup-plugin-esbuild'
import { licences } from './tools/rollup/licences.mjs'
import { production } from './tools/rollup/production.mjs'
import { templates } from './tools/rollup/templates.mjs'
import { bundledWorkers, packagedWorkers } from './tools/rollup/workers.mjs'

const { version } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8'))
const preamble = `/*! sotto ${version}, GPL-3.0-only. Its parts and their licences: sotto.licences.txt beside this file. */`

const read = [
  templates(),
  nodeResolve({ exportConditions: ['@sotto/source', 'browser', 'production'] }),
  commonjs({ include: '**/node_modules/sdp-transform/**' }),
  esbuild({ target: 'es2022', tsconfig: 'tsconfig.base.json', sourceMap: false }),
  production(),
]
const minify = terser({
  ecma: 2020,
  module: true,
  compress: { passes: 2 },
  format: { comments: false, preamble },
})

const bundle = {
  input: { sotto: 'packages/sotto/src/bundle.ts' },
  plugins: [...read, bundledWorkers([...read, minify]), minify, licences('sotto.licences.txt')],
  output: {
    dir: 'packages/sotto/dist',
    format: 'es',
    entryFileNames: '[name].js',
    chunkFileNames: 'sotto-[name]-[hash].js',
    assetFileNames: 'sotto-[name]-[hash][extname]',
  },
  onwarn: refuse,
}

/** What rollup only warns of (a circle, a missing name) is a mistake here. */
function refuse(warning) {
  throw new Error(warning.message)
}

export default [bundle, ...packagedWorkers('packages', { plugins: [...read, minify], onwarn: refuse })]
