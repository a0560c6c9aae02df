import { type Node, Parser } from 'commonmark'
import { Fragment, type ReactNode } from 'react'
import { visible } from '../lib/highlight.ts'
import classes from './markdown.module.css'

const SAFE_LINK = /^(https?:|mailto:|\/(?!\/))/i
const parser = new Parser()

/**
 * Markdown as elements of the page. There is no way from it to markup: HTML in it is shown as it was typed, pictures are links,
 * and a link that is neither of the web, nor of mail, nor of this console is text.
 */
export default function Markdown({ text }: { text: string }) {
  return <div className={classes.markdown}>{children(parser.parse(text))}</div>
}

function children(node: Node): ReactNode[] {
  const found: ReactNode[] = []
  for (let child = node.firstChild; child !== null; child = child.next) {
    found.push(<Fragment key={found.length}>{element(child)}</Fragment>)
  }
  return found
}

function element(node: Node): ReactNode {
  const text = visible(node.literal ?? '')
  switch (node.type) {
    case 'paragraph':
      return <p>{children(node)}</p>
    case 'heading':
      return <p className={classes.heading}>{children(node)}</p>
    case 'emph':
      return <em>{children(node)}</em>
    case 'strong':
      return <strong>{children(node)}</strong>
    case 'list':
      return node.listType === 'ordered' ? <ol>{children(node)}</ol> : <ul>{children(node)}</ul>
    case 'item':
      return <li>{children(node)}</li>
    case 'block_quote':
      return <blockquote>{children(node)}</blockquote>
    case 'code':
      return <code>{text}</code>
    case 'code_block':
      return <pre>{text}</pre>
    case 'html_block':
      return <pre>{text}</pre>
    case 'softbreak':
    case 'linebreak':
      return <br />
    case 'thematic_break':
      return <hr />
    case 'link':
    case 'image':
      return link(node.destination ?? '', children(node))
    default:
      return text
  }
}

function link(to: string, content: ReactNode[]): ReactNode {
  if (!SAFE_LINK.test(to)) return content
  // Where it leads stands there: its words may say something else.
  return (
    <a href={to} target="_blank" rel="noopener noreferrer" title={visible(to)}>
      {content.length > 0 ? content : visible(to)}
    </a>
  )
}
