import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { validate } from 'node-cron'
import Type, { type Static } from 'typebox'
import { parse } from 'yaml'
import { checked } from '../settings-file.ts'
import { exact, oneOf } from '../schemas/types.ts'

export const PERIODS = ['week', 'month'] as const
export type PeriodKind = (typeof PERIODS)[number]

const Names = exact({ vi: Type.String({ minLength: 1 }), en: Type.String({ minLength: 1 }) })
const Points = Type.Number({ minimum: 6, maximum: 30 })
const Millimetres = Type.Number({ minimum: 5, maximum: 60 })
const SIZES = [
  'nation',
  'motto',
  'superior',
  'agency',
  'number',
  'place',
  'title',
  'subject',
  'body',
  'table',
  'signature',
  'recipientsHead',
  'recipients',
  'page',
] as const
const FILE = exact({
  format: Type.Literal(1),
  page: exact({ top: Millimetres, bottom: Millimetres, left: Millimetres, right: Millimetres }),
  font: Type.String({ minLength: 1 }),
  pdfFonts: Type.Optional(
    exact({ normal: Type.String(), bold: Type.String(), italics: Type.String(), bolditalics: Type.String() }),
  ),
  sizes: exact(
    Object.fromEntries(SIZES.map((name) => [name, Points])) as Record<(typeof SIZES)[number], typeof Points>,
  ),
  superior: Type.Optional(Names),
  agency: Names,
  number: Names,
  place: Names,
  signature: Names,
  recipients: Type.Array(Names, { minItems: 1, maxItems: 20 }),
  schedule: Type.Array(exact({ period: oneOf(PERIODS), at: Type.String({ minLength: 1 }) })),
  keepDays: Type.Integer({ minimum: 1 }),
})

/** How a report looks, and when it is made by itself. Sizes in points, margins in millimetres. */
export type ReportLayout = Omit<Static<typeof FILE>, 'pdfFonts' | 'format'> & {
  /** Paths of TTF files. */
  pdfFonts: { normal: string; bold: string; italics: string; bolditalics: string }
}

/** Times' widths and Vietnamese letters (SIL Open Font License). */
function builtIn(): ReportLayout['pdfFonts'] {
  const at = (name: string): string =>
    createRequire(import.meta.url).resolve(`@expo-google-fonts/tinos/${name}/Tinos_${name}.ttf`)
  return {
    normal: at('400Regular'),
    bold: at('700Bold'),
    italics: at('400Regular_Italic'),
    bolditalics: at('700Bold_Italic'),
  }
}

/** @throws with the path and what is wrong */
export function parseReportLayout(text: string, path: string): ReportLayout {
  const { pdfFonts, format: _format, ...rest } = checked(FILE, parse(text, { schema: 'core' }), path)
  const wrong = rest.schedule.find(({ at }) => !validate(at))
  if (wrong !== undefined) throw new Error(`${path}: '${wrong.at}' is no schedule`)
  const own = pdfFonts === undefined ? undefined : Object.entries(pdfFonts)
  return {
    ...rest,
    pdfFonts:
      own === undefined
        ? builtIn()
        : (Object.fromEntries(
            own.map(([face, file]) => [face, resolve(path, '..', file)]),
          ) as ReportLayout['pdfFonts']),
  }
}

export function readReportLayout(path: string): ReportLayout {
  return parseReportLayout(readFileSync(path, 'utf8'), path)
}
