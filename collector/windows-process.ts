import type { EcsEvent } from '../model/event.ts'
import { addRelated, baseName, put } from './fields.ts'
import { splitCommandLine } from './windows-command-line.ts'

/** Sets `<prefix>.executable` and `.name`. */
export function putImage(event: EcsEvent, prefix: string, path: string | undefined): void {
  if (path === undefined || path === '-') return
  event[`${prefix}.executable`] = path
  put(event, `${prefix}.name`, baseName(path))
}

/** Sets `<prefix>.command_line` and its arguments. */
export function putCommandLine(event: EcsEvent, prefix: string, line: string | undefined): void {
  if (line === undefined) return
  put(event, `${prefix}.command_line`, line)
  const words = splitCommandLine(line)
  if (words.length === 0) return
  event[`${prefix}.args`] = words
  event[`${prefix}.args_count`] = words.length
}

/** Process ids come as decimal (Sysmon) or hex (`0x1f4`, Security). */
export function putPid(event: EcsEvent, field: string, text: string | undefined): void {
  if (text !== undefined && /^(?:0x[0-9a-fA-F]{1,8}|\d{1,10})$/.test(text)) event[field] = Number(text)
}

/** Sets `file.path`, `.name`, `.directory`, `.extension`. */
export function putFile(event: EcsEvent, path: string | undefined): void {
  if (path === undefined || path === '-') return
  event['file.path'] = path
  const name = baseName(path)
  put(event, 'file.name', name)
  if (name.length + 1 < path.length) put(event, 'file.directory', path.slice(0, path.length - name.length - 1))
  const dot = name.lastIndexOf('.')
  if (dot > 0 && dot < name.length - 1) event['file.extension'] = name.slice(dot + 1)
}

/** Splits `DOMAIN\user`. */
export function putUser(event: EcsEvent, user: string | undefined): void {
  if (user === undefined || user === '-') return
  const slash = user.indexOf('\\')
  if (slash > 0) event['user.domain'] = user.slice(0, slash)
  put(event, 'user.name', user.slice(slash + 1))
}

/** Sets `registry.*` of a path such as `HKLM\SOFTWARE\…\Run\updater`; `value` is its last part where it names one. */
export function putRegistry(event: EcsEvent, path: string | undefined, named: boolean): void {
  if (path === undefined || path === '-') return
  event['registry.path'] = path
  // The kernel's own form (`\REGISTRY\MACHINE\…`) starts with the separator and names no hive.
  const first = path.indexOf('\\')
  if (first <= 0) return
  event['registry.hive'] = path.slice(0, first)
  const last = path.lastIndexOf('\\')
  put(event, 'registry.key', named && last > first ? path.slice(first + 1, last) : path.slice(first + 1))
  if (named) put(event, 'registry.value', path.slice(last + 1))
}

const HASHES = new Set(['md5', 'sha1', 'sha256', 'imphash'])

/** `SHA1=…,MD5=…,SHA256=…,IMPHASH=…` as Sysmon writes it, to `<prefix>.hash.*` and `<prefix>.pe.imphash`. */
export function putHashes(event: EcsEvent, prefix: string, text: string | undefined): void {
  if (text === undefined || text.length > 1_000) return
  for (const part of text.split(',')) {
    const equals = part.indexOf('=')
    const name = part.slice(0, equals).trim().toLowerCase()
    const value = part.slice(equals + 1).toLowerCase()
    if (!/[^0]/.test(value)) continue // Sysmon writes zeros where it has no hash
    if (HASHES.has(name)) addRelated(event, 'related.hash', value)
    if (name === 'imphash') put(event, `${prefix}.pe.imphash`, value)
    else if (name === 'md5' || name === 'sha1' || name === 'sha256') put(event, `${prefix}.hash.${name}`, value)
  }
}
