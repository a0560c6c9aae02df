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

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), precompressed()],
  build: {
    outDir: '../dist/console',
    emptyOutDir: true,
    target: 'es2022',
    manifest: true, // a test weighs the first load by it
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // a data: address is not in the content security policy
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
  },
})
