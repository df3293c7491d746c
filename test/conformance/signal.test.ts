import { cipherCases } from '@sotto/core/testing'
import { createSignalCipher } from '@sotto/signal'
import { test } from '#test'

for (const { name, run } of cipherCases(() => createSignalCipher())) test(`signal cipher: ${name}`, run)
