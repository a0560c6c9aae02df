import {
  type Completion,
  type CompletionContext,
  type CompletionResult,
  acceptCompletion,
  autocompletion,
  completionStatus,
  moveCompletionSelection,
  selectedCompletionIndex,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { EditorState, Prec, type Range, Transaction } from '@codemirror/state'
import {
  Decoration,
  type DecorationSet,
  EditorView,
  type ViewUpdate,
  ViewPlugin,
  keymap,
  placeholder,
} from '@codemirror/view'
import { choices, expectedAt } from '../../../store/query/complete.ts'
import { type QueryError, type Token, Unreadable, tokenAt } from '../../../store/query/lexer.ts'
import { parseQuery } from '../../../store/query/parse.ts'
import { OPERATOR_WORDS } from '../../../store/query/refine.ts'
import { replaceSelected } from '../../lib/typing-over.ts'

export interface EditorOptions {
  text: string
  label: string
  hint: string
  /** Words for what a choice is. */
  kinds: { field: string; value: string; word: string }
  /** Enter. */
  run: (text: string) => void
  /** Escape, when no list of choices is open. */
  stop: () => void
  /** `typed`: by the reader, not by the page. */
  changed: (text: string, error: QueryError | null, typed: boolean) => void
  fields: () => Promise<readonly string[]>
  values: (field: string, prefix: string, signal: AbortSignal) => Promise<readonly string[]>
}

export interface Editor {
  set: (text: string) => void
  focus: () => void
  destroy: () => void
}

/** A query is short; what is pasted may have had lines. */
const CHOICES_MAX = 60
const TYPING_MS = 200

/**
 * Puts the editor of a search into `host`, in a shadow tree: the library writes its styles as a style sheet of that tree, which the
 * content security policy lets through, and as an element of the document, which it does not.
 */
export function mountEditor(host: HTMLElement, options: EditorOptions): Editor {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' })
  const view = new EditorView({
    parent: root,
    root,
    state: EditorState.create({
      doc: options.text,
      extensions: [
        history(),
        autocompletion({
          override: [(context) => complete(context, options)],
          activateOnTypingDelay: TYPING_MS,
          icons: false,
          maxRenderedOptions: CHOICES_MAX,
          selectOnOpen: false, // Enter runs the search unless a choice was gone to
          interactionDelay: 0, // only Tab takes one, and whoever presses it early must not leave the editor instead
        }),
        Prec.highest(
          keymap.of([
            { key: 'Enter', run: (view) => (options.run(view.state.doc.toString()), true) },
            { key: 'Mod-Enter', run: (view) => (options.run(view.state.doc.toString()), true) },
            { key: 'Tab', run: takeChoice },
          ]),
        ),
        keymap.of([{ key: 'Escape', run: () => (options.stop(), true) }]),
        keymap.of([...defaultKeymap.filter(({ key }) => key !== 'Enter' && key !== 'Mod-Enter'), ...historyKeymap]),
        EditorState.transactionFilter.of(oneLine),
        EditorView.domEventHandlers({ beforeinput: replaceSelected }),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': options.label, spellcheck: 'false', autocapitalize: 'off' }),
        placeholder(options.hint),
        colours,
        look,
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return
          const text = update.state.doc.toString()
          const typed = update.transactions.some((one) => one.isUserEvent('input') || one.isUserEvent('delete'))
          options.changed(text, errorOf(text), typed)
        }),
      ],
    }),
  })
  return {
    set: (text) => {
      if (text === view.state.doc.toString()) return
      view.dispatch({
        changes: { from: 0, to: view.state.doc.length, insert: text },
        selection: { anchor: text.length },
      })
    },
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  }
}

export function errorOf(text: string): QueryError | null {
  const parsed = parseQuery(text)
  return 'error' in parsed ? parsed.error : null
}

/** Line ends become spaces: a query has one line, however long. */
function oneLine(transaction: Transaction): Transaction | readonly object[] {
  if (!transaction.docChanged || transaction.newDoc.lines === 1) return transaction
  const text = transaction.newDoc.toString().replaceAll(/\s*\n\s*/g, ' ')
  const { anchor } = transaction.newSelection.main
  return [
    {
      changes: { from: 0, to: transaction.startState.doc.length, insert: text },
      selection: { anchor: Math.min(anchor, text.length) },
      annotations: Transaction.userEvent.of('input.paste'),
    },
  ]
}

/** Tab takes the choice that is lit, or else the first; without a list it leaves the editor as it should. */
function takeChoice(view: EditorView): boolean {
  if (completionStatus(view.state) !== 'active') return false
  if (selectedCompletionIndex(view.state) === null) moveCompletionSelection(true)(view)
  return acceptCompletion(view)
}

async function complete(
  context: CompletionContext,
  { fields, values, kinds }: EditorOptions,
): Promise<CompletionResult | null> {
  const { pos: cursor, explicit } = context
  const text = context.state.doc.toString()
  const expected = expectedAt(text, cursor)
  const typed = text.slice(expected.from, expected.to)
  if (!explicit && typed === '' && expected.valuesOf === undefined) return null
  const gone = new AbortController()
  context.addEventListener('abort', () => gone.abort(), { onDocChange: true })
  const [names, found] = await Promise.all([
    expected.fields ? fields().catch(() => []) : [],
    expected.valuesOf === undefined
      ? []
      : values(expected.valuesOf, typed.replace(/^"/, ''), gone.signal).catch(() => []),
  ])
  const options = choices(text, expected, names, found).map(({ kind, text }): Completion => ({
    label: text,
    detail: kinds[kind],
    apply: kind === 'field' ? `${text}:` : kind === 'word' && /^\w/.test(text) ? `${text} ` : text,
    ...(kind === 'field' && { type: 'field' }),
  }))
  return options.length === 0 ? null : { from: expected.from, to: expected.to, options, filter: false }
}

const FIELD = Decoration.mark({ class: 'field' })
const WORD = Decoration.mark({ class: 'word' })
const STAGE = Decoration.mark({ class: 'stage' })
const WRONG = Decoration.mark({ class: 'wrong' })

/** Fields, words of the language, stages, and what cannot be read. */
function decorate(text: string): DecorationSet {
  const marks: Range<Decoration>[] = []
  try {
    let field = false
    for (let at = 0; ;) {
      const token: Token = tokenAt(text, at, field)
      if (token.kind === 'end') break
      if (token.kind === 'pipe') {
        marks.push(STAGE.range(token.start, text.length))
        break
      }
      if (token.kind === 'field') marks.push(FIELD.range(token.start, token.end))
      const word = token.kind === 'value' ? (token.word?.toLowerCase() ?? '') : ''
      if (!field && OPERATOR_WORDS.includes(word)) marks.push(WORD.range(token.start, token.end))
      field = token.kind === 'field'
      at = token.end
    }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
  }
  const wrong = errorOf(text)
  if (wrong !== null && wrong.position < wrong.end && wrong.end <= text.length) {
    marks.push(WRONG.range(wrong.position, wrong.end))
  }
  return Decoration.set(marks, true)
}

const colours = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet
    constructor(view: EditorView) {
      this.decorations = decorate(view.state.doc.toString())
    }
    update(update: ViewUpdate): void {
      if (update.docChanged) this.decorations = decorate(update.state.doc.toString())
    }
  },
  { decorations: (plugin) => plugin.decorations },
)

// The variables of the page reach into the shadow tree; its style sheets do not.
const look = EditorView.theme({
  '&': { color: 'var(--text)', fontSize: '13.5px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.5', maxHeight: '120px' },
  '.cm-content': { padding: '6px 0', caretColor: 'var(--text)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-placeholder': { color: 'var(--text-quiet)', fontFamily: 'var(--font)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground, ::selection': {
    backgroundColor: 'var(--accent-soft) !important',
  },
  '.field': { color: 'var(--accent-strong)' },
  '.word': { color: 'var(--low-text)', fontWeight: '650' },
  '.stage': { color: 'var(--good)' },
  '.wrong': { textDecoration: 'underline wavy var(--bad)', textUnderlineOffset: '3px' },
  '.cm-tooltip': {
    border: '1px solid var(--line-strong)',
    borderRadius: 'var(--radius-small)',
    backgroundColor: 'var(--surface)',
    boxShadow: 'var(--shadow)',
    color: 'var(--text)',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', maxHeight: '16em', minWidth: '260px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '4px 10px', display: 'flex', gap: '16px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--surface-chosen)',
    color: 'var(--text)',
  },
  '.cm-completionLabel': { overflow: 'hidden', textOverflow: 'ellipsis', flex: '1' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '700' },
  '.cm-completionDetail': {
    fontFamily: 'var(--font)',
    fontStyle: 'normal',
    color: 'var(--text-quiet)',
    marginLeft: '0',
  },
})
