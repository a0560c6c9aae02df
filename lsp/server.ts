import {
  CompletionItemKind,
  createConnection,
  DiagnosticSeverity,
  MarkupKind,
  TextDocuments,
  TextDocumentSyncKind,
  type Diagnostic,
} from 'vscode-languageserver/node'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { askLocally } from '../product/local-access.ts'
import type { Config } from '../config.ts'
import { loadModifiers, loadRules, type RuleSet } from '../detection/engine.ts'
import type { RuleProblem } from '../detection/types.ts'
import { readRulesFolder } from '../rule-life/folder.ts'
import { complete, type Suggestion } from './complete.ts'
import { checkDocument, pathOf, UNITS_MAX } from '../rule-work/document.ts'
import { hover, type Ask } from './hover.ts'

/** Typing goes on: what follows within this time belongs together. */
const SETTLE_MS = 200

const KINDS: Record<Suggestion['kind'], CompletionItemKind> = {
  field: CompletionItemKind.Field,
  modifier: CompletionItemKind.Operator,
  value: CompletionItemKind.Value,
  key: CompletionItemKind.Property,
}

/** Speaks the Language Server Protocol on stdin and stdout; resolves never: the process ends when the editor says so, or is gone. */
export async function serveEditor(config: Config): Promise<never> {
  const { rulesFolder } = config
  const connection = createConnection(process.stdin, process.stdout)
  const documents = new TextDocuments(TextDocument)
  const modifiers = [...(await loadModifiers()).keys()].sort()
  const waiting = new Map<string, NodeJS.Timeout>()
  /** Every rule of the folder; undefined: to be read again. */
  let all: Promise<RuleSet> | undefined
  const everything = (): Promise<RuleSet> => (all ??= loadRules(readRulesFolder(rulesFolder)))
  const ask: Ask = (path) => askLocally<never>(config, path).catch(() => null)

  const check = async (uri: string): Promise<void> => {
    const document = documents.get(uri)
    if (document === undefined) return
    const { version } = document
    const text = document.getText()
    const { problems } = await checkDocument(rulesFolder, pathOf(rulesFolder, uri), text)
    if (documents.get(uri)?.version !== version) return // it has changed since: another check is on its way
    const lines = text.split(/\r?\n/)
    await connection.sendDiagnostics({ uri, version, diagnostics: problems.map((one) => diagnosticOf(one, lines)) })
  }
  documents.onDidChangeContent(({ document: { uri } }) => {
    clearTimeout(waiting.get(uri))
    const run = (): void => {
      waiting.delete(uri)
      check(uri).catch((error: unknown) => connection.console.error(String(error)))
    }
    waiting.set(uri, setTimeout(run, SETTLE_MS))
  })
  documents.onDidSave(() => (all = undefined))
  documents.onDidClose(({ document: { uri } }) => {
    clearTimeout(waiting.get(uri))
    waiting.delete(uri)
    void connection.sendDiagnostics({ uri, diagnostics: [] })
  })

  connection.onInitialize(() => ({
    capabilities: {
      textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
      completionProvider: { triggerCharacters: ['|', ' ', ':'] },
      hoverProvider: true,
    },
    serverInfo: { name: 'vong-gac' },
  }))
  connection.onCompletion(async ({ textDocument, position: { line, character: column } }) => {
    const text = textAt(textDocument.uri)
    if (text === null) return []
    const found = complete(text, { line, column }, { ruleSet: await everything(), modifiers })
    return found.map(({ label, kind, detail }, i) => ({
      label,
      kind: KINDS[kind],
      detail,
      sortText: String(i).padStart(4, '0'),
    }))
  })
  connection.onHover(async ({ textDocument, position: { line, character: column } }) => {
    const text = textAt(textDocument.uri)
    if (text === null) return null
    const { ruleSet } = await checkDocument(rulesFolder, pathOf(rulesFolder, textDocument.uri), text)
    const path = pathOf(rulesFolder, textDocument.uri)
    const own = ruleSet?.network.rules.filter(({ rule }) => rule.path === path) ?? []
    const names = (field: string): string[] => {
      const found = [...new Set(own.flatMap(({ mapped }) => mapped.eventFields(field)))]
      return found.length > 0 ? found : [field]
    }
    const value = await hover(text, { line, column }, names, ask)
    return value === null ? null : { contents: { kind: MarkupKind.Markdown, value } }
  })
  const textAt = (uri: string): string | null => {
    const text = documents.get(uri)?.getText() ?? null
    return text !== null && text.length <= UNITS_MAX ? text : null
  }
  documents.listen(connection)
  connection.listen()
  return new Promise<never>(() => undefined)
}

function diagnosticOf({ line, column, severity, code, message }: RuleProblem, lines: readonly string[]): Diagnostic {
  const text = lines[line - 1] ?? ''
  const word = /^[^\s,\]}]*/.exec(text.slice(column - 1))?.[0].replace(/:$/, '') ?? ''
  const start = { line: line - 1, character: column - 1 }
  return {
    range: { start, end: { line: line - 1, character: column - 1 + Math.max(1, word.length) } },
    severity: severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
    code,
    source: 'soc',
    message,
  }
}
