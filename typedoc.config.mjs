import { OptionDefaults } from 'typedoc'

/** @type {Partial<import('typedoc').TypeDocOptions>} */
export default {
  name: 'Sotto',
  entryPoints: [
    'packages/sotto/src/index.ts',
    'packages/core/src/index.ts',
    'packages/core/src/ports/index.ts',
    'packages/core/src/testing.ts',
    'packages/core/src/adapters/*/index.ts',
    'packages/elements/src/index.ts',
    'packages/protocol/src/index.ts',
    'packages/signal/src/index.ts',
    'packages/relay/src/index.ts',
  ],
  tsconfig: 'tsconfig.docs.json',
  out: 'docs/api',
  blockTags: [...OptionDefaults.blockTags, '@slot', '@fires', '@csspart', '@cssprop'],
  excludeInternal: true,
  excludePrivate: true,
  excludeExternals: true,
  disableSources: true,
  validation: { notExported: false, notDocumented: false, invalidLink: true, invalidPath: false },
  // Types are a test of their own.
  skipErrorChecking: true,
  treatWarningsAsErrors: true,
}
