import { readdirSync, readFileSync } from 'node:fs'
import { relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** The folder of the repository, with a slash at its end. */
export const root = fileURLToPath(new URL('../../', import.meta.url))

/** A source file of ours, parsed. `path` is relative to the repository and has forward slashes. */
export interface Source {
  readonly path: string
  readonly tree: ts.SourceFile
}

/** The paths of all files under a folder of the repository, sorted, but for what is installed or made. */
export function filesUnder(folder: string): readonly string[] {
  return readdirSync(root + folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, `${entry.parentPath}${sep}${entry.name}`).split(sep).join('/'))
    .filter((path) => !/(^|\/)(node_modules|dist)\//.test(path))
    .sort()
}

export function parse(path: string, text = readFileSync(root + path, 'utf8')): Source {
  return { path, tree: ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true) }
}

/** All TypeScript under `packages/*\/src`. */
export function packageSources(): readonly Source[] {
  const paths = filesUnder('packages').filter((path) => /^packages\/[^/]+\/src\/.*\.ts$/.test(path))
  return paths.map((path) => parse(path))
}

/** What a file imports or exports from: statements, `import()` of a literal, and `import('…')` as a type. */
export function importsOf({ tree }: Source): readonly string[] {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) add(node.moduleSpecifier)
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0])
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal)
    ts.forEachChild(node, visit)
  }
  const add = (node: ts.Node | undefined): void => {
    if (node !== undefined) found.push(ts.isStringLiteralLike(node) ? node.text : node.getText(tree))
  }
  visit(tree)
  return found
}
