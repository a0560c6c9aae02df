import {
  AlignmentType,
  BorderStyle,
  Document,
  Header,
  Packer,
  PageNumber,
  Paragraph,
  Table,
  TableCell,
  TableLayoutType,
  TableRow,
  TextRun,
  WidthType,
  type IParagraphOptions,
} from 'docx'
import { named, say } from '../words.ts'
import { type Block, NATION, type ReportDocument, dateLine, isFigure } from './document.ts'
import type { ReportLayout } from './layout.ts'

const TWIPS_PER_MM = 1440 / 25.4
const PAGE_MM = { width: 210, height: 297 }
const NONE = { style: BorderStyle.NONE, size: 0, color: 'auto' }
const NO_BORDERS = {
  top: NONE,
  bottom: NONE,
  left: NONE,
  right: NONE,
  insideHorizontal: NONE,
  insideVertical: NONE,
}
const LINE = { style: BorderStyle.SINGLE, size: 6, color: '000000', space: 1 }

type Face = { size: number; bold?: boolean; italics?: boolean }

/** The report as DOCX (ECMA-376), to be finished by the office that sends it. */
export async function toDocx(document: ReportDocument, layout: ReportLayout): Promise<Buffer> {
  const { title, subject, blocks } = document
  const { page, sizes, font } = layout
  const mm = (value: number): number => Math.round(value * TWIPS_PER_MM)
  return Packer.toBuffer(
    new Document({
      creator: 'Vọng Gác',
      lastModifiedBy: 'Vọng Gác',
      title: `${title} ${subject}`,
      styles: { default: { document: { run: { font, size: sizes.body * 2 } } } },
      sections: [
        {
          properties: {
            titlePage: true, // the first page has no number
            page: {
              size: { width: mm(PAGE_MM.width), height: mm(PAGE_MM.height) },
              margin: {
                top: mm(page.top),
                bottom: mm(page.bottom),
                left: mm(page.left),
                right: mm(page.right),
                header: mm(10),
              },
            },
          },
          headers: {
            first: new Header({ children: [new Paragraph({})] }),
            default: new Header({
              children: [
                new Paragraph({
                  alignment: AlignmentType.CENTER,
                  children: [new TextRun({ children: [PageNumber.CURRENT], size: sizes.page * 2 })],
                }),
              ],
            }),
          },
          children: [
            head(document, layout),
            line(title, { size: sizes.title, bold: true }, { spacing: { before: 360 } }),
            line(subject, { size: sizes.subject, bold: true }),
            underline(50),
            ...blocks.flatMap((block) => blockOf(block, layout)),
            foot(document, layout),
          ],
        },
      ],
    }),
  )
}

function run(text: string, { size, ...face }: Face): TextRun {
  return new TextRun({ text, size: size * 2, ...face })
}

function line(text: string, face: Face, more: IParagraphOptions = {}): Paragraph {
  return new Paragraph({ alignment: AlignmentType.CENTER, ...more, children: [run(text, face)] })
}

/** A rule in the middle, so many millimetres free on either side. */
function underline(sideMm: number): Paragraph {
  const side = Math.round(sideMm * TWIPS_PER_MM)
  return new Paragraph({
    border: { top: LINE },
    indent: { left: side, right: side },
    spacing: { before: 20, after: 60, line: 60, lineRule: 'exact' },
  })
}

function head({ language, day }: ReportDocument, layout: ReportLayout): Table {
  const { superior, agency, number, place, sizes } = layout
  const [nation, motto] = NATION[language]
  const upper = (text: string): string => text.toLocaleUpperCase('vi')
  return columns(
    layout,
    43,
    [
      ...(superior === undefined ? [] : [line(upper(named(language, superior)), { size: sizes.superior })]),
      line(upper(named(language, agency)), { size: sizes.agency, bold: true }),
      underline(22),
      line(named(language, number), { size: sizes.number }, { spacing: { before: 120 } }),
    ],
    [
      line(nation, { size: sizes.nation, bold: true }),
      line(motto, { size: sizes.motto, bold: true }),
      underline(16),
      line(
        dateLine(language, named(language, place), day),
        { size: sizes.place, italics: true },
        { spacing: { before: 120 } },
      ),
    ],
  )
}

function foot({ language }: ReportDocument, layout: ReportLayout): Table {
  const { signature, recipients, sizes } = layout
  const list = recipients.map((names, i) => `- ${named(language, names)}${i === recipients.length - 1 ? '.' : ';'}`)
  return columns(
    layout,
    50,
    [
      new Paragraph({
        spacing: { before: 360 },
        children: [run(say(language, 'report.recipients'), { size: sizes.recipientsHead, bold: true, italics: true })],
      }),
      ...list.map((text) => new Paragraph({ children: [run(text, { size: sizes.recipients })] })),
    ],
    [
      line(
        named(language, signature).toLocaleUpperCase('vi'),
        { size: sizes.signature, bold: true },
        { spacing: { before: 360, after: 1_600 } },
      ),
    ],
  )
}

/** Width of the text, in twentieths of a point. */
function textTwips({ page }: ReportLayout): number {
  return Math.round((PAGE_MM.width - page.left - page.right) * TWIPS_PER_MM)
}

/** Two columns without lines; `percent`: width of the left one. */
function columns(layout: ReportLayout, percent: number, left: Paragraph[], right: Paragraph[]): Table {
  const [first, second] = shares(textTwips(layout), [percent, 100 - percent])
  return new Table({
    ...grid([first!, second!]),
    borders: NO_BORDERS,
    rows: [
      new TableRow({
        cantSplit: true,
        children: [cell(first!, left), cell(second!, right)],
      }),
    ],
  })
}

/** Widths of columns in twips. Word and LibreOffice agree on nothing but absolute ones. */
function grid(widths: number[]) {
  return {
    width: { size: widths.reduce((sum, each) => sum + each, 0), type: WidthType.DXA },
    columnWidths: widths,
    layout: TableLayoutType.FIXED,
  }
}

function cell(
  size: number,
  children: Paragraph[],
  margins?: { left: number; right: number; top: number; bottom: number },
) {
  return new TableCell({ width: { size, type: WidthType.DXA }, children, ...(margins !== undefined && { margins }) })
}

function shares(total: number, parts: readonly number[]): number[] {
  const sum = parts.reduce((all, part) => all + part, 0)
  return parts.map((part) => Math.round((total * part) / sum))
}

function blockOf(block: Block, layout: ReportLayout): (Paragraph | Table)[] {
  const { sizes } = layout
  const { body } = sizes
  switch (block.kind) {
    case 'heading':
      return [
        new Paragraph({
          keepNext: true,
          spacing: { before: 200, after: 80 },
          children: [run(block.text, { size: body, bold: true })],
        }),
      ]
    case 'paragraph':
      return [
        new Paragraph({
          alignment: AlignmentType.BOTH,
          indent: { firstLine: 720 },
          spacing: { after: 120, line: 276 },
          children: [run(block.text, { size: body })],
        }),
      ]
    case 'facts':
      return [
        rows(
          layout,
          block.rows,
          [34, 66],
          (text, _row, column) => run(text, { size: body, bold: column === 1 }),
          NO_BORDERS,
        ),
        new Paragraph({ spacing: { after: 60 } }),
      ]
    case 'table':
      return [
        rows(layout, [block.head, ...block.rows], block.widths, (text, row) =>
          run(text, { size: sizes.table, bold: row === 0 }),
        ),
        new Paragraph({ spacing: { after: 60 } }),
      ]
    case 'lines':
      return block.lines.map(
        (text) =>
          new Paragraph({
            indent: { left: 160 },
            spacing: { after: 60 },
            children: [run(text, { size: sizes.table - 2 })],
          }),
      )
    default:
      return Array.from({ length: block.lines }, () => line('.'.repeat(120), { size: body }))
  }
}

function rows(
  layout: ReportLayout,
  texts: readonly (readonly string[])[],
  parts: readonly number[],
  runOf: (text: string, row: number, column: number) => TextRun,
  borders?: typeof NO_BORDERS,
): Table {
  const widths = shares(textTwips(layout), parts)
  const lined = borders === undefined
  return new Table({
    ...grid(widths),
    ...(borders !== undefined && { borders }),
    rows: texts.map(
      (row, i) =>
        new TableRow({
          cantSplit: true,
          tableHeader: lined && i === 0,
          children: row.map((text, column) => {
            const middle = lined && (i === 0 || isFigure(text))
            const alignment = middle ? AlignmentType.CENTER : AlignmentType.LEFT
            return cell(widths[column]!, [new Paragraph({ alignment, children: [runOf(text, i, column)] })], {
              left: 80,
              right: 80,
              top: 30,
              bottom: 30,
            })
          }),
        }),
    ),
  })
}
