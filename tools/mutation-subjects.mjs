// What `npm run mutate` takes checks out of, and which tests are to notice.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './run.mjs'

/** What is mutated, and the tests that are to notice, the fastest first. */
export const subjects = [
  {
    sources: filesIn('packages/signal/src'),
    tests: [
      ...[
        'wire',
        'state',
        'self-check',
        'self-test',
        'curve',
        'signal-cipher',
        'engine-signature.node',
        'bounds',
      ],
      ...['engine-identity.node', 'engine-bounds.node', 'engine-messages.node'],
    ]
      .map((name) => `test/signal/${name}.test.ts`)
      .concat('test/attacks/A11-no-webcrypto.node.test.ts'),
  },
  {
    sources: ['receiver', 'check-content', 'verdict'].map((name) => `packages/core/src/messages/${name}.ts`),
    tests: [
      'test/attacks/A18-content-binding.test.ts',
      'test/attacks/A18-misbinding.test.ts',
      'test/attacks/A04-unlisted-device.test.ts',
      'test/core/engine-core.node.test.ts',
      'test/attacks/A05-call-signals.test.ts',
      'test/attacks/B24-downgrade.test.ts',
      'test/core/delivery.test.ts',
      'test/attacks/B04-old-session.test.ts',
      'test/core/repair.test.ts',
    ],
  },
  {
    sources: ['packages/core/src/sessions/sessions.ts'],
    tests: [
      'test/core/first-message.test.ts',
      ...attacks(
        ...['B15-first-as-later', 'B05-replay-after-sweep', 'A18-misbinding', 'B15-malleable-encodings'],
        ...['B24-downgrade', 'A03-id-for-key', 'B05-first-message-flood', 'B03-both-start'],
        ...['B01-B02-identity-poisoning', 'A09-flipped-bits'],
      ),
      'test/core/engine-core.node.test.ts',
    ],
  },
  {
    sources: filesIn('packages/core/src/peers'),
    tests: [
      ...attacks(
        ...['A04-unlisted-device', 'A02-ghost-device', 'A02-ghost-device-at-a-client', 'A08-rollback'],
        ...['A08-rollback-at-a-client', 'A01-key-substitution', 'A03-id-for-key'],
      ),
      'test/core/trust.test.ts',
      'test/core/calls-servers.test.ts',
    ],
  },
]

function attacks(...names) {
  return names.map((name) => `test/attacks/${name}.test.ts`)
}

function filesIn(folder) {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`)
}
