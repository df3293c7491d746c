import ts from 'typescript'
import { filesUnder, parse, type Source } from './sources.js'

/** The names of all tests, as written: of a name that is put together, the part before the first value. */
export function testNames(): readonly string[] {
  return filesUnder('test')
    .filter((path) => path.endsWith('.test.ts'))
    .flatMap((path) => namesIn(parse(path)))
}

export function namesIn({ tree }: Source): readonly string[] {
  const names: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.getText(tree) === 'test') {
      const [name] = node.arguments
      if (name !== undefined && ts.isStringLiteralLike(name)) names.push(name.text)
      if (name !== undefined && ts.isTemplateExpression(name)) names.push(name.head.text)
    }
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return names
}
