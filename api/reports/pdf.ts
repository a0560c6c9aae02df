import pdfmake from 'pdfmake'
import type { Content, ContentTable, TableCell, TDocumentDefinitions } from 'pdfmake/interfaces.js'
import { named, say } from '../words.ts'
import { type Block, NATION, type ReportDocument, dateLine, isFigure } from './document.ts'
import type { ReportLayout } from './layout.ts'

const POINTS_PER_MM = 72 / 25.4
const PAGE_WIDTH_MM = 210
/** A word longer than this is broken, or a table would run out of the page. */
const WORD_MAX = 24

/** The report as PDF (ISO 32000), its font inside. */
export async function toPdf(document: ReportDocument, layout: ReportLayout): Promise<Buffer> {
  pdfmake.setFonts({ Report: layout.pdfFonts })
  // Nothing is fetched and no other file is read, whatever a text says.
  pdfmake.setUrlAccessPolicy(() => false)
  pdfmake.setLocalAccessPolicy((path) => Object.values(layout.pdfFonts).includes(path))
  return pdfmake.createPdf(definition(document, layout)).getBuffer()
}

function definition(document: ReportDocument, layout: ReportLayout): TDocumentDefinitions {
  const { language, title, subject, blocks } = document
  const { page, sizes } = layout
  const [left, top, right, bottom] = [page.left, page.top, page.right, page.bottom].map((mm) => mm * POINTS_PER_MM)
  return {
    pageSize: 'A4',
    pageMargins: [left!, top!, right!, bottom!],
    defaultStyle: { font: 'Report', fontSize: sizes.body, lineHeight: 1.15 },
    info: { title: `${title} ${subject}`, creator: 'Vọng Gác', producer: 'Vọng Gác' },
    language: language === 'vi' ? 'vi-VN' : 'en-GB',
    header: (current) =>
      current === 1
        ? null
        : {
            text: String(current),
            alignment: 'center',
            fontSize: sizes.page,
            margin: [0, top! / 2 - sizes.page / 2, 0, 0],
          },
    // A heading at the foot of a page goes with what it is about.
    pageBreakBefore: ({ headlineLevel }, page) => headlineLevel === 1 && page.getFollowingNodesOnPage().length === 0,
    content: [
      head(document, layout),
      { text: title, alignment: 'center', bold: true, fontSize: sizes.title, margin: [0, 18, 0, 0] },
      { text: subject, alignment: 'center', bold: true, fontSize: sizes.subject, margin: [20, 0, 20, 2] },
      rule((PAGE_WIDTH_MM - page.left - page.right) * POINTS_PER_MM, 90),
      ...blocks.map((block) => blockOf(block, layout)),
      foot(document, layout),
    ],
  }
}

/** Who writes on the left, the nation's name and motto on the right. */
function head({ language, day }: ReportDocument, layout: ReportLayout): Content {
  const { superior, agency, number, place, sizes, page } = layout
  const [nation, motto] = NATION[language]
  const width = (PAGE_WIDTH_MM - page.left - page.right) * POINTS_PER_MM
  const [leftWidth, rightWidth] = [width * 0.43, width * 0.55]
  const centred = { alignment: 'center' as const, lineHeight: 1.05 }
  return {
    columnGap: width * 0.02,
    columns: [
      {
        width: leftWidth,
        stack: [
          ...(superior === undefined
            ? []
            : [{ ...centred, text: named(language, superior).toLocaleUpperCase('vi'), fontSize: sizes.superior }]),
          { ...centred, text: named(language, agency).toLocaleUpperCase('vi'), bold: true, fontSize: sizes.agency },
          rule(leftWidth, 70),
          {
            ...centred,
            text: named(language, number),
            fontSize: sizes.number,
            margin: [0, 8, 0, 0],
            preserveLeadingSpaces: true,
          },
        ],
      },
      {
        width: rightWidth,
        stack: [
          { ...centred, text: nation, bold: true, fontSize: sizes.nation },
          { ...centred, text: motto, bold: true, fontSize: sizes.motto },
          rule(rightWidth, 165),
          {
            ...centred,
            text: dateLine(language, named(language, place), day),
            italics: true,
            fontSize: sizes.place,
            margin: [0, 8, 0, 0],
          },
        ],
      },
    ],
  }
}

function foot({ language }: ReportDocument, { signature, recipients, sizes }: ReportLayout): Content {
  return {
    unbreakable: true,
    margin: [0, 18, 0, 0],
    columns: [
      {
        width: '50%',
        stack: [
          { text: say(language, 'report.recipients'), bold: true, italics: true, fontSize: sizes.recipientsHead },
          ...recipients.map((names, i) => ({
            text: `- ${named(language, names)}${i === recipients.length - 1 ? '.' : ';'}`,
            fontSize: sizes.recipients,
            lineHeight: 1.05,
          })),
        ],
      },
      {
        width: '50%',
        stack: [
          {
            text: named(language, signature).toLocaleUpperCase('vi'),
            alignment: 'center',
            bold: true,
            fontSize: sizes.signature,
            margin: [0, 0, 0, 80],
          },
        ],
      },
    ],
  }
}

/** A line as wide as the part of a column that it stands below. */
function rule(columnWidth: number, width: number): Content {
  const from = (columnWidth - width) / 2
  return { canvas: [{ type: 'line', x1: from, y1: 2, x2: from + width, y2: 2, lineWidth: 0.7 }], margin: [0, 0, 0, 4] }
}

function blockOf(block: Block, { sizes }: ReportLayout): Content {
  switch (block.kind) {
    case 'heading':
      return { text: block.text, bold: true, margin: [0, 10, 0, 4], headlineLevel: 1 }
    case 'paragraph':
      return { text: broken(block.text), alignment: 'justify', leadingIndent: 28, margin: [0, 0, 0, 6] }
    case 'facts':
      return {
        table: {
          widths: ['34%', '66%'],
          dontBreakRows: true,
          body: block.rows.map(([label, value]) => [{ text: label }, { text: broken(value), bold: true }]),
        },
        layout: 'noBorders',
        margin: [0, 0, 0, 6],
      }
    case 'table':
      return table(block, sizes.table)
    case 'lines':
      return {
        stack: block.lines.map((line) => ({ text: broken(line), fontSize: sizes.table - 2, margin: [8, 0, 0, 3] })),
        margin: [0, 0, 0, 6],
      }
    default:
      return {
        stack: Array.from({ length: block.lines }, () => ({ text: '.'.repeat(132), alignment: 'center' as const })),
      }
  }
}

function table({ head, widths, rows }: Extract<Block, { kind: 'table' }>, fontSize: number): ContentTable {
  const cell = (text: string, bold: boolean): TableCell => ({
    text: broken(text),
    fontSize,
    bold,
    ...((bold || isFigure(text)) && { alignment: 'center' as const }),
    ...(bold && { fillColor: '#eeeeee' }),
  })
  const sum = widths.reduce((total, width) => total + width, 0)
  return {
    table: {
      headerRows: 1,
      dontBreakRows: true,
      widths: widths.map((width) => `${((width / sum) * 100).toFixed(3)}%`),
      body: [head, ...rows].map((row, i) => row.map((text) => cell(text, i === 0))),
    },
    layout: { hLineWidth: () => 0.5, vLineWidth: () => 0.5 },
    margin: [0, 2, 0, 8],
  }
}

/** Long words, such as hashes, may be broken anywhere. */
function broken(text: string): string {
  return text.replaceAll(new RegExp(`\\S{${WORD_MAX},}`, 'gu'), (word) =>
    Array.from(word)
      .map((char, i) => (i > 0 && i % 8 === 0 ? `\u200B${char}` : char))
      .join(''),
  )
}
