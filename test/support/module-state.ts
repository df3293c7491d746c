import ts from 'typescript'
import type { Source } from './sources.js'

/** What may be made at module level, for it keeps nothing between calls. */
const stateless = /^(RegExp|TextEncoder|TextDecoder|URL|Intl\.\w+)$/
/** Methods by which a list changes. A map or set is refused at once, unless its type is read-only. */
const mutators = /^(push|pop|shift|unshift|splice|sort|reverse|fill|copyWithin)$/
/** Static fields by which lit and the platform ask an element's class for constants. */
const declared = /^(styles|properties|shadowRootOptions|formAssociated|observedAttributes)$/

/** Names each place where a module holds state that can change: the sources of one package serve every client on a page. */
export function moduleState({ path, tree }: Source): readonly string[] {
  const found: string[] = []
  const constants = new Set<string>()
  const readOnly = readOnlyNames(tree)
  const report = (node: ts.Node, what: string): void => {
    const { line } = tree.getLineAndCharacterOfPosition(node.getStart(tree))
    found.push(`${path}:${line + 1} ${what}`)
  }

  for (const statement of tree.statements) {
    if (!ts.isVariableStatement(statement)) continue
    const constant = (statement.declarationList.flags & ts.NodeFlags.Const) !== 0
    for (const declaration of statement.declarationList.declarations) {
      if (!constant) report(declaration, 'is not const')
      else if (isMutable(declaration)) report(declaration, 'holds what can change')
      else if (ts.isIdentifier(declaration.name)) constants.add(declaration.name.text)
    }
  }

  const visit = (node: ts.Node): void => {
    const changed = changedName(node)
    if (changed !== undefined && constants.has(changed)) report(node, `changes ${changed}`)
    if (ts.isPropertyDeclaration(node) && isLooseStatic(node))
      report(node, 'is a static field that can change')
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return found

  function isMutable({ initializer, type }: ts.VariableDeclaration): boolean {
    if (initializer === undefined || !ts.isNewExpression(initializer)) return false
    const name = initializer.expression.getText(tree)
    const declaredType = type?.getText(tree) ?? ''
    if (/^(Map|Set)$/.test(name)) return !isReadOnly(declaredType) && !readOnly.includes(declaredType)
    return !stateless.test(name)
  }

  function isLooseStatic(node: ts.PropertyDeclaration): boolean {
    const flags = ts.getCombinedModifierFlags(node)
    const loose = (flags & ts.ModifierFlags.Static) !== 0 && (flags & ts.ModifierFlags.Readonly) === 0
    return loose && !declared.test(node.name.getText(tree))
  }
}

const isReadOnly = (type: string): boolean => /^Readonly(Map|Set)\b/.test(type)

/** Names that the file gives to read-only maps and sets. */
function readOnlyNames(tree: ts.SourceFile): readonly string[] {
  const aliases = tree.statements.filter(ts.isTypeAliasDeclaration)
  return aliases.filter(({ type }) => isReadOnly(type.getText(tree))).map(({ name }) => name.text)
}

/** The name at the bottom of what `node` assigns to, deletes from, or calls a changing method of. */
function changedName(node: ts.Node): string | undefined {
  if (ts.isBinaryExpression(node) && isAssignment(node.operatorToken.kind)) return rootOf(node.left)
  if (ts.isDeleteExpression(node)) return rootOf(node.expression)
  if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) {
    const steps =
      node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken
    return steps ? rootOf(node.operand) : undefined
  }
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined
  return mutators.test(node.expression.name.text) ? rootOf(node.expression.expression) : undefined
}

function isAssignment(kind: ts.SyntaxKind): boolean {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment
}

function rootOf(node: ts.Expression): string | undefined {
  if (ts.isIdentifier(node)) return node.text
  const inner = ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)
  return inner ? rootOf(node.expression) : undefined
}
