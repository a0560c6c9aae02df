import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import { HighlightStyle, bracketMatching, indentOnInput, syntaxHighlighting } from '@codemirror/language'
import { type Diagnostic, setDiagnostics } from '@codemirror/lint'
import { EditorState, Prec } from '@codemirror/state'
import { EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { replaceSelected } from '../../lib/typing-over.ts'

export interface Place {
  /** 1-based. */
  line: number
  column: number
}

export interface Fault extends Place {
  severity: 'error' | 'warning'
  message: string
}

export interface RuleEditorOptions {
  text: string
  label: string
  changed: (text: string) => void
  /** Ctrl-S. */
  save: () => void
}

export interface RuleEditor {
  /** Underlines what is wrong, at the beginning of a word or to the end of its line. */
  mark: (faults: readonly Fault[]) => void
  goTo: (place: Place) => void
  destroy: () => void
}

/**
 * Puts the editor of a rule into `host`, in a shadow tree, as the editor of searches is and for the same reason. Tab leaves it: who works by
 * keyboard must not be caught; Enter goes on at the indentation of the line.
 */
export function mountRuleEditor(host: HTMLElement, { text, label, changed, save }: RuleEditorOptions): RuleEditor {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' })
  const view = new EditorView({
    parent: root,
    root,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        history(),
        yaml(),
        indentOnInput(),
        bracketMatching(),
        highlightActiveLine(),
        syntaxHighlighting(colours),
        Prec.highest(keymap.of([{ key: 'Mod-s', preventDefault: true, run: () => (save(), true) }])),
        keymap.of([...defaultKeymap, ...historyKeymap]),
        EditorView.domEventHandlers({ beforeinput: replaceSelected }),
        EditorView.contentAttributes.of({
          'aria-label': label,
          spellcheck: 'false',
          autocapitalize: 'off',
          tabindex: '0', // said in so many words, so that what scrolls around it counts as reached
        }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) changed(update.state.doc.toString())
        }),
        look,
      ],
    }),
  })
  const offsetOf = ({ line, column }: Place): number => {
    const found = view.state.doc.line(Math.min(Math.max(line, 1), view.state.doc.lines))
    return Math.min(found.from + Math.max(column, 1) - 1, found.to)
  }
  return {
    mark: (faults) => {
      const diagnostics = faults.map((fault): Diagnostic => {
        const from = offsetOf(fault)
        return { from, to: view.state.doc.lineAt(from).to, severity: fault.severity, message: fault.message }
      })
      view.dispatch(setDiagnostics(view.state, diagnostics))
    },
    goTo: (place) => {
      view.dispatch({ selection: { anchor: offsetOf(place) }, scrollIntoView: true })
      view.focus()
    },
    destroy: () => view.destroy(),
  }
}

const colours = HighlightStyle.define([
  { tag: [tags.definition(tags.propertyName), tags.propertyName], color: 'var(--accent-strong)', fontWeight: '600' },
  { tag: tags.string, color: 'var(--text)' },
  { tag: [tags.number, tags.bool, tags.keyword], color: 'var(--low-text)' },
  { tag: tags.comment, color: 'var(--text-quiet)', fontStyle: 'italic' },
  { tag: [tags.punctuation, tags.separator, tags.squareBracket, tags.brace], color: 'var(--text-quiet)' },
  { tag: tags.meta, color: 'var(--warn)' },
])

// The variables of the page reach into the shadow tree; its style sheets do not.
const look = EditorView.theme({
  '&': { color: 'var(--text)', backgroundColor: 'var(--surface-sunk)', fontSize: '13px', height: '100%' },
  '&.cm-focused': { outline: '2px solid var(--accent)' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.5', overflow: 'auto' },
  '.cm-content': { padding: '8px 0', caretColor: 'var(--text)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-gutters': { backgroundColor: 'var(--surface-sunk)', color: 'var(--text-quiet)', border: '0' },
  '.cm-activeLine': { backgroundColor: 'var(--surface-hover)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground, ::selection': {
    backgroundColor: 'var(--accent-soft) !important',
  },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--bad)' },
  '.cm-lintRange-warning': { backgroundImage: 'none', textDecoration: 'underline wavy var(--warn)' },
  '.cm-tooltip': {
    border: '1px solid var(--line-strong)',
    borderRadius: 'var(--radius-small)',
    backgroundColor: 'var(--surface)',
    color: 'var(--text)',
    fontFamily: 'var(--font)',
  },
})
