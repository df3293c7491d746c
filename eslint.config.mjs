import lit from 'eslint-plugin-lit'
import litA11y from 'eslint-plugin-lit-a11y'
import wc from 'eslint-plugin-wc'
import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'

const typesOnly = [
  ['TSEnumDeclaration', 'TypeScript is only types: use a union of strings.'],
  ['TSModuleDeclaration[declare!=true]', 'TypeScript is only types: use a module.'],
  ['TSParameterProperty', 'TypeScript is only types: declare a field.'],
  // A constructor is the one thing that # cannot hide.
  [
    ':matches(PropertyDefinition, MethodDefinition[kind!="constructor"], TSAbstractMethodDefinition)[accessibility="private"]',
    'Private is #.',
  ],
  [':matches(PropertyDefinition, MethodDefinition)[accessibility="public"]', 'Public needs no word.'],
]

const namesWithoutMeaning = [
  [
    ':matches(ClassDeclaration, TSInterfaceDeclaration, TSTypeAliasDeclaration) > Identifier.id' +
      '[name=/(Manager|Service|Helper|Utils?|Handler)$|^Base[A-Z]|^I[A-Z][a-z]/]',
    'Name what it is: see CONTRIBUTING.md, Names.',
  ],
]

const unsafeHere = [
  [
    'MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML)$/]',
    'Markup comes from templates only.',
  ],
  [
    'ImportDeclaration[source.value=/unsafe-(html|svg|static)|style-map/]',
    'The strict policy and our promises rule it out.',
  ],
  ['MemberExpression[object.name="Math"][property.name="random"]', 'Use crypto.getRandomValues.'],
  ['NewExpression[callee.name="Function"]', 'The strict policy refuses code made of strings.'],
  ['MemberExpression[object.name="document"][property.name="cookie"]', 'Sotto sets no cookies.'],
]

/** @param {string[][][]} lists */
const banned = (...lists) => ['error', ...lists.flat().map(([selector, message]) => ({ selector, message }))]

export default defineConfig(
  {
    ignores: ['**/dist/', 'docs/api/', 'packages/signal/library/', 'coverage/', '.data/'],
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'max-lines': ['error', { max: 400 }],
      'no-eval': 'error',
      'no-restricted-syntax': banned(typesOnly, namesWithoutMeaning),
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/only-throw-error': ['error', { allowThrowingUnknown: true }],
      // What comes from outside is checked although its type promises that it is right: old browsers, Node, bytes off the wire.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-unnecessary-boolean-literal-compare': 'off',
      // `T[C]` picks what an error code carries: a parameter used once is what makes the call read right.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // Ports are asynchronous; what answers at once still answers with a promise. A caller may give one that nobody waits for.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      // Our objects are closures more often than classes; their functions know no `this`.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      '@typescript-eslint/no-dynamic-delete': 'off',
      '@typescript-eslint/no-misused-spread': 'off',
      '@typescript-eslint/return-await': ['error', 'in-try-catch'],
    },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    rules: {
      'no-restricted-syntax': banned(typesOnly, namesWithoutMeaning, unsafeHere),
      'no-console': 'error',
    },
  },
  {
    files: ['packages/elements/**/*.ts'],
    extends: [lit.configs['flat/recommended'], wc.configs['flat/recommended']],
    plugins: { 'lit-a11y': litA11y },
    rules: {
      ...litA11y.configs.recommended.rules,
      // A list without bullets is no list to Safari unless it says so.
      'lit-a11y/no-redundant-role': 'off',
      // In a dialog it says where the focus starts.
      'lit-a11y/no-autofocus': 'off',
    },
  },
)
