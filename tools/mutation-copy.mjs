import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './run.mjs'

/** A test that takes longer has noticed: it waits for what no longer happens. */
const longestMs = 120_000

/** A copy of the sources and tests that shares what is installed, in which one source at a time is not what it was. */
export class MutationCopy {
  #folder = mkdtempSync(join(tmpdir(), 'sotto-mutate-'))

  constructor() {
    const isSource = (path) => !/\/(node_modules|dist)$/.test(path)
    for (const name of ['packages', 'test'])
      cpSync(join(root, name), join(this.#folder, name), { recursive: true, filter: isSource })
    for (const name of ['package.json', 'tsconfig.json', 'tsconfig.base.json'])
      cpSync(join(root, name), join(this.#folder, name))
    const modules = join(this.#folder, 'node_modules')
    mkdirSync(modules)
    for (const name of readdirSync(join(root, 'node_modules'))) {
      if (name !== '@sotto') symlinkSync(join(root, 'node_modules', name), join(modules, name))
    }
    cpSync(join(root, 'node_modules/@sotto'), join(modules, '@sotto'), {
      recursive: true,
      verbatimSymlinks: true,
    })
  }

  write(source, text) {
    writeFileSync(join(this.#folder, source), text)
  }

  restore(source) {
    cpSync(join(root, source), join(this.#folder, source))
  }

  /** Resolves to whether a test file fails. */
  fails(test) {
    const args = ['--import', 'tsx', '--conditions=@sotto/source', test]
    const child = spawn(process.execPath, args, { cwd: this.#folder, stdio: 'ignore' })
    const timer = setTimeout(() => child.kill('SIGKILL'), longestMs)
    return new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code) => {
        clearTimeout(timer)
        resolve(code !== 0)
      })
    })
  }

  remove() {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
