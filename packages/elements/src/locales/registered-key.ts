/** The word for `key` in the registry of languages, which a page may share with kits that have words like `copy` too. */
export const registeredKey = (key: string): string => `sotto.${key}`
