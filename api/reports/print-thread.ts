import { parentPort } from 'node:worker_threads'
import type { ReportDocument } from './document.ts'
import { toDocx } from './docx.ts'
import type { ReportLayout } from './layout.ts'
import { toPdf } from './pdf.ts'

export interface Printing {
  document: ReportDocument
  layout: ReportLayout
  format: 'pdf' | 'docx'
}

parentPort!.on('message', ({ document, layout, format }: Printing) => {
  const printed = format === 'pdf' ? toPdf(document, layout) : toDocx(document, layout)
  // What throws here ends the thread, and whoever asked is told.
  void printed.then((bytes) => parentPort!.postMessage(bytes))
})
