import type { Config } from '../config.ts'
import type { DiskForecast } from '../product/disk-forecast.ts'
import type { LocalDatabase } from '../store/local/database.ts'

/** What the running product tells about itself. */
export interface Running {
  pid: number
  listening: { input: string; address: string; port: number }[]
  checks: { name: string; ok: boolean; reason?: string }[]
  disk: DiskForecast
  spool: { accepting: boolean; reason?: string; bytes: number; durableSeq: number }
  pipelineSeq: number
  waiting?: string
  rules: number
  problems: { path: string; line: number; severity: string; message: string }[]
}

/** What a check looks at. */
export interface Patient {
  config: Config
  /** Null: the product does not run. */
  running: Running | null
  /** Null: there is none yet. */
  local: LocalDatabase | null
  nowMs: number
}

/** Texts for people, Vietnamese first. */
export interface Words {
  vi: string
  en: string
}

export interface Finding extends Words {
  /** `fail`: it does not work, or soon will not; `warn`: it works, and should be mended; `unknown`: cannot be told from here. */
  status: 'ok' | 'warn' | 'fail' | 'unknown'
  /** What to do. */
  advice?: Words
}

/** One thing that `soc doctor` looks at; a file of `checks/` is one, under its name. */
export interface Check {
  run(patient: Patient): Finding[] | Promise<Finding[]>
}
