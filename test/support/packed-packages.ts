import { spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './sources.js'

export interface Packed {
  /** Where everything is; to be removed when all is done. */
  readonly folder: string
  /** The six tarballs. */
  readonly tarballs: readonly string[]
  /** An otherwise empty project into which they were installed, as a user would. */
  readonly project: string
}

/** Packs all packages as `npm publish` would, and installs the tarballs in a folder that knows nothing of this repository. */
export async function packPackages(): Promise<Packed> {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-packed-'))
  const project = join(folder, 'project')
  const target = join(folder, 'tarballs')
  for (const path of [project, target]) await mkdir(path)
  await runNpm(['pack', '--workspaces', '--ignore-scripts', '--pack-destination', target], root)
  const tarballs = (await readdir(target)).sort().map((name) => join(target, name))
  await writeFile(join(project, 'package.json'), '{ "private": true, "type": "module" }')
  // The database's native part takes minutes to compile: it is lent from here, below.
  await runNpm(
    ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', ...tarballs],
    project,
  )
  const native = 'node_modules/better-sqlite3/build'
  await cp(root + native, join(project, native), { recursive: true })
  return { folder, tarballs, project }
}

export interface Manifest {
  readonly name: string
  readonly exports: Readonly<Record<string, unknown>>
}

/** The package.json files of our packages as they were installed. */
export async function manifestsIn(project: string): Promise<readonly Manifest[]> {
  const names = [
    ...(await readdir(join(project, 'node_modules/@sotto'))).map((name) => `@sotto/${name}`),
    'sotto',
  ]
  const read = async (name: string) => readFile(join(project, 'node_modules', name, 'package.json'), 'utf8')
  return Promise.all(names.map(async (name) => JSON.parse(await read(name)) as Manifest))
}

/** Runs a program, and resolves with what it printed when it ended well. */
export function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (said += String(bytes)))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve(said)
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code}\n${said}`))
    })
  })
}

function runNpm(args: readonly string[], cwd: string): Promise<string> {
  const npm = process.env.npm_execpath
  return npm === undefined ? run('npm', args, cwd) : run(process.execPath, [npm, ...args], cwd)
}
