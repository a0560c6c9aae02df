import type { Language } from '../words.ts'

/** What stands in a report, whatever file it becomes. Texts are plain; those of logs have gone through `plain`. */
export interface ReportDocument {
  language: Language
  /** BÁO CÁO. */
  title: string
  /** What it is about, below the title. */
  subject: string
  /** Day it was made, on the centre's wall clock: `YYYY-MM-DD`. */
  day: string
  blocks: readonly Block[]
}

export type Block =
  | { kind: 'heading'; text: string }
  | { kind: 'paragraph'; text: string }
  /** Label and value, a row each. */
  | { kind: 'facts'; rows: readonly (readonly [label: string, value: string])[] }
  /** `widths`: shares of the line. */
  | { kind: 'table'; head: readonly string[]; widths: readonly number[]; rows: readonly (readonly string[])[] }
  /** Lines of logs, in small letters. */
  | { kind: 'lines'; lines: readonly string[] }
  /** Room to write by hand. */
  | { kind: 'room'; lines: number }

/** «ngày 05 tháng 02 năm 2026»: days below 10 and the months 1 and 2 have a zero before them (Decree 30/2020, Annex I). */
export function dateLine(language: Language, place: string, day: string): string {
  const [year = '', month = '', date = ''] = day.split('-')
  if (language === 'en') return `${place}, ${Number(date)} ${MONTHS[Number(month) - 1] ?? month} ${year}`
  return `${place}, ngày ${date} tháng ${Number(month) <= 2 ? month : String(Number(month))} năm ${year}`
}

/** Figures stand in the middle of their cells. */
export function isFigure(text: string): boolean {
  return /^[\d.,/()% —]+$/.test(text)
}

const MONTHS = 'January February March April May June July August September October November December'.split(' ')

export const NATION = {
  vi: ['CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM', 'Độc lập - Tự do - Hạnh phúc'],
  en: ['SOCIALIST REPUBLIC OF VIETNAM', 'Independence - Freedom - Happiness'],
} as const
