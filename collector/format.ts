import type { EcsEvent } from '../model/event.ts'
import { loadFolder } from '../model/load-folder.ts'
import type { Registry } from '../model/registry.ts'

/** How the lines of a file hold events; a file of `formats/` is one, under its name. */
export interface Format {
  /** Whose names the fields have that come out: ECS, or Sigma's own (`Image`, `EventID`), which no collector made. */
  names: 'ecs' | 'sigma'
  load(options: FormatOptions): Promise<ReadLine>
}

/** What lines of a log need that lines of JSON do not. */
export interface FormatOptions {
  registry: Registry
  /** IANA zone of times that name none. */
  timeZone: string
  /** The «now» of times that name no year. */
  receivedAtMs: number
}

/**
 * The event of a line, without what ends it, or in words (`code: reason`) why it is none; never throws. `position` counts from 0. Runs per event. What
 * only the collector can give (identity, receipt, agency) is there for `raw` alone: see `identify`.
 */
export type ReadLine = (line: Buffer, position: number) => EcsEvent | string

export function loadFormats(): Promise<Map<string, Format>> {
  return loadFolder<Format>(new URL('./formats/', import.meta.url))
}
