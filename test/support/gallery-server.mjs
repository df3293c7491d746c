import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { build } from 'esbuild'

const here = (name) => new URL(name, import.meta.url)

/** What the documentation asks of a site. */
const policy = [
  "default-src 'self'",
  "img-src 'self' blob: data:",
  "require-trusted-types-for 'script'",
  "trusted-types lit-html sotto 'allow-duplicates'",
].join('; ')

/** Serves the gallery under the strict policy. Resolves with its address and how to stop. */
export async function serveGallery() {
  const bundle = await build({
    entryPoints: [here('./gallery.ts').pathname],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    conditions: ['@sotto/source', 'browser', 'production'],
    define: { 'process.env.NODE_ENV': '"production"' },
    tsconfig: here('../../tsconfig.base.json').pathname,
  })
  const files = {
    '/gallery.html': ['text/html', await readFile(here('./gallery.html'))],
    '/gallery.css': ['text/css', await readFile(here('./gallery.css'))],
    '/gallery.js': ['text/javascript', bundle.outputFiles[0].contents],
  }
  const server = createServer(({ url }, response) => {
    const file = files[new URL(url, 'http://localhost').pathname]
    if (file === undefined) return response.writeHead(404).end()
    return response
      .writeHead(200, { 'content-type': file[0], 'content-security-policy': policy })
      .end(file[1])
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `http://127.0.0.1:${server.address().port}/gallery.html`,
    stop: () => new Promise((resolve) => server.close(resolve)),
  }
}
