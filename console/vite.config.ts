import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { type Plugin, defineConfig } from 'vite'

/** Writes each text file a second time, packed as tightly as gzip can: the server sends those bytes as they lie there. */
function precompressed(): Plugin {
  return {
    name: 'precompressed',
    // When the files are written and not before: until then other plugins still change them.
    writeBundle({ dir = '' }, bundle) {
      for (const fileName of Object.keys(bundle).filter((name) => /\.(js|css)$/.test(name))) {
        const path = join(dir, fileName)
        writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }))
      }
    },
  }
}

/** What opens the page, in the order in which it is wanted: each a file with all that it needs and those before it have not. */
const FIRST = {
  early: /\/console\/main\.tsx$/,
  start: /\/console\/app\/start\.tsx$/,
  // What the list has in common with other pages, most of which have no use for the rest.
  parts:
    /\/(TextInput|NativeSelect)\.mjs$|\/useInfiniteQuery\.js$|\/console\/(ui\/(badges|time|check)|lib\/(title|highlight)|api\/stream|features\/incidents\/last-list)\.tsx?$/,
  list: /\/incidents\/list-page\.tsx$/,
}

/**
 * Names the files of `FIRST` in the page itself. The first of them imports the others only when it runs; so the browser fetches all of
 * them at once, and nothing waits for a step that could have been taken before.
 */
function namedAtOnce(): Plugin {
  return {
    name: 'named-at-once',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle = {} }) {
        const chunks = Object.values(bundle).filter((file) => file.type === 'chunk')
        const link = (attrs: Record<string, string | boolean>) => ({
          tag: 'link',
          attrs: { crossorigin: true, ...attrs },
          injectTo: 'head' as const,
        })
        // In their order: the styles of what comes later say more of the same things.
        return Object.keys(FIRST)
          .flatMap((first) => chunks.find(({ name }) => name === first) ?? [])
          .flatMap(({ name, fileName, viteMetadata }) => [
            ...(name === 'early' ? [] : [link({ rel: 'modulepreload', href: `/${fileName}` })]),
            ...[...(viteMetadata?.importedCss ?? [])].map((css) => link({ rel: 'stylesheet', href: `/${css}` })),
          ])
      },
    },
  }
}

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), namedAtOnce(), precompressed()],
  build: {
    outDir: '../dist/console',
    emptyOutDir: true,
    target: 'es2022',
    manifest: true, // a test weighs the first load by it
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // a data: address is not in the content security policy
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: Object.entries(FIRST).map(([name, module], i, { length }) => ({
            name,
            test: module,
            priority: length - i,
          })),
        },
      },
    },
  },
})
