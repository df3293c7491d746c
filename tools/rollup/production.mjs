/** Says that this is no development build, for those who ask Node's way: there is no `process` in a browser. */
export function production() {
  return {
    name: 'production',
    transform(code, id) {
      if (!id.includes('/node_modules/') || !code.includes('process.env.NODE_ENV')) return null
      return { code: code.replaceAll('process.env.NODE_ENV', '"production"'), map: null }
    },
  }
}
