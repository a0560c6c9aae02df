import type { Hunk } from '../../model/line-changes.ts'
import { visible } from '../lib/highlight.ts'
import classes from './diff.module.css'

const KINDS: Readonly<Record<string, string>> = { '+': 'added', '-': 'removed' }

/** Lines that went, lines that came, and a few around them. */
export function Diff({ hunks, label }: { hunks: readonly Hunk[]; label: string }) {
  return (
    <pre className={classes.diff} tabIndex={0} aria-label={label}>
      {hunks.map(({ oldStart, newStart, lines }) => [
        <span key={`${oldStart} ${newStart}`} data-kind="place">
          {`@@ ${oldStart} → ${newStart}`}
        </span>,
        ...lines.map((line, index) => (
          <span key={`${oldStart} ${newStart} ${index}`} data-kind={KINDS[line[0] ?? ' '] ?? 'same'}>
            {visible(line)}
          </span>
        )),
      ])}
    </pre>
  )
}
