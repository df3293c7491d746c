/**
 * Takes the line breaks and comments out of the templates of our elements (css`…`, html`…`): the minifier leaves what stands in a template
 * as it is. Texts of messages are never part of one, and no template of ours shows its own white space.
 */
export function templates() {
  return {
    name: 'templates',
    transform(code, id) {
      if (!/[\\/]elements[\\/]src[\\/].*\.ts$/.test(id)) return null
      const styles = code.replace(/\bcss`[^`]*`/g, (template) => template.replace(/\/\*[^]*?\*\//g, ''))
      return { code: styles.replace(/\n\s+/g, '\n'), map: null }
    },
  }
}
