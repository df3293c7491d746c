import ts from 'typescript'

/** A comment that begins so says why a check cannot fail: it is there for the types, and stays. */
const exempt = 'Cannot fail:'

/**
 * Every statement `check(…)` of a source, with the source as it is without it. The condition is still evaluated, so that only the refusal is
 * gone.
 */
export function checksIn(source) {
  const file = ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, true)
  const found = []
  const visit = (node) => {
    const condition = conditionOf(node)
    if (condition !== undefined && !node.getFullText().includes(exempt)) {
      const [start, end] = [node.getStart(), node.getEnd()]
      found.push({
        line: file.getLineAndCharacterOfPosition(start).line + 1,
        text: node.getText().replace(/\s+/g, ' ').slice(0, 120),
        without: `${source.slice(0, start)}void (${condition})${source.slice(end)}`,
      })
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

function conditionOf(node) {
  if (!ts.isExpressionStatement(node) || !ts.isCallExpression(node.expression)) return undefined
  const { expression, arguments: given } = node.expression
  return expression.getText() === 'check' ? given[0]?.getText() : undefined
}
