import type { EditorView } from '@codemirror/view'

/**
 * Typing over a selection, done here: Chromium, which does it by itself otherwise, gives the line an inline style to keep the look of
 * what was there, and the content security policy has none of that. Letters that an input method composes are left to it.
 */
export function replaceSelected(event: InputEvent, view: EditorView): boolean {
  const { data, inputType } = event
  if (inputType !== 'insertText' || data === null || view.composing || view.state.selection.main.empty) return false
  event.preventDefault()
  view.dispatch(view.state.update(view.state.replaceSelection(data), { userEvent: 'input.type', scrollIntoView: true }))
  return true
}
