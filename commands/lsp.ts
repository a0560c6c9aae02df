import { loadConfig } from '../config.ts'
import { serveEditor } from '../lsp/server.ts'
import type { Command } from '../soc.ts'

const usage = `soc lsp    máy chủ ngôn ngữ (LSP) qua đầu vào và đầu ra chuẩn; trình soạn thảo tự gọi · a language server over standard input and output, for editors to call
`

async function run(argv: string[]): Promise<number> {
  // Editors add --stdio; there is nothing else.
  if (argv.some((argument) => argument !== '--stdio')) {
    process.stderr.write('soc lsp   máy chủ ngôn ngữ qua stdin/stdout · a language server on stdin and stdout\n')
    return 2
  }
  await serveEditor(loadConfig())
  return 0
}

export default {
  summary: 'trợ giúp soạn luật trong trình soạn thảo · a language server for rules',
  usage,
  run,
} satisfies Command
