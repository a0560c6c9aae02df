import { execFileSync } from 'node:child_process'
import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { provideGo } from './programs.mjs'

// Shippers that Debian does not have, built from modules of Go. Each throws Unavailable where that cannot be done.

const FILEBEAT = 'v7.17.29'
export const OTELCOL = 'v0.165.0'
const CONTRIB = 'v0.165.1'
const OTELCOL_BUILD = `
dist: { name: otelcol, output_path: OUTPUT, otelcol_version: ${OTELCOL.slice(1)} }
receivers: [{ gomod: github.com/open-telemetry/opentelemetry-collector-contrib/receiver/filelogreceiver ${CONTRIB} }]
exporters: [{ gomod: go.opentelemetry.io/collector/exporter/otlphttpexporter ${OTELCOL} }]
extensions: [{ gomod: github.com/open-telemetry/opentelemetry-collector-contrib/extension/storage/filestorage ${CONTRIB} }]
`

/** @returns the path of Filebeat, built below `cache` once */
export function provideFilebeat({ cache }) {
  return provideGo('filebeat', FILEBEAT, { cache }, ({ folder, path, go }) => {
    const { Dir } = JSON.parse(go(['mod', 'download', '-json', `github.com/elastic/beats/v7@${FILEBEAT}`]))
    const source = join(folder, 'source') // its go.mod replaces modules, which counts only where it is the main one
    cpSync(Dir, source, { recursive: true })
    execFileSync('chmod', ['-R', 'u+w', source])
    go(['build', '-o', path, './filebeat'], source, '-mod=mod')
  })
}

/** @returns the path of an OpenTelemetry Collector with file reader, OTLP/HTTP and storage on disk, built below `cache` once */
export function provideOtelcol({ cache }) {
  return provideGo('otelcol', OTELCOL, { cache }, ({ folder, go, env }) => {
    const build = join(folder, 'build.yaml')
    writeFileSync(build, OTELCOL_BUILD.replace('OUTPUT', folder))
    go(['install', `go.opentelemetry.io/collector/cmd/builder@${OTELCOL}`])
    const stdio = ['ignore', 'ignore', 'pipe']
    execFileSync(join(folder, 'builder'), ['--config', build], { cwd: folder, env, stdio })
  })
}
