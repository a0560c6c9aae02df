import { t } from './language.ts'
import { vietnamTime } from './time.ts'

type Child = Node | string | null | false
type Properties = Record<string, string | number | boolean | ((event: Event) => void) | undefined>

/**
 * Builds an element. Strings become text nodes, never markup: what a log line says is only ever shown. A property that is
 * a function is a listener (`click`), `true` an empty attribute, `false` and `undefined` none.
 */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === 'function') element.addEventListener(name, value)
    else if (value === true) element.setAttribute(name, '')
    else if (value !== false && value !== undefined) element.setAttribute(name, String(value))
  }
  element.append(...children.filter((child) => child !== null && child !== false))
  return element
}

/** One shape for each level, so that colour is never alone. */
const SHAPES: Readonly<Record<string, string>> = {
  critical: 'M5.2 1h5.6L15 5.2v5.6L10.8 15H5.2L1 10.8V5.2zM7 4v5h2V4zm0 6v2h2v-2z',
  high: 'M8 1 15.5 14.5H.5zM7 5.5V10h2V5.5zM7 11v2h2v-2z',
  medium: 'M8 .5 15.5 8 8 15.5.5 8zM7 4.5v4h2v-4zm0 5v2h2v-2z',
  low: 'M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zm0 2a5 5 0 1 0 0 10A5 5 0 0 0 8 3zM7 5v4h2V5zm0 5v1.5h2V10z',
  informational: 'M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zm0 2a5 5 0 1 0 0 10A5 5 0 0 0 8 3zM7 7v5h2V7zm0-2.5V6h2V4.5z',
}

function icon(name: string): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('viewBox', '0 0 16 16')
  svg.setAttribute('aria-hidden', 'true')
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
  path.setAttribute('d', SHAPES[name] ?? '')
  path.setAttribute('fill-rule', 'evenodd')
  svg.append(path)
  return svg
}

/** Icon and word of a level, in its colour. */
export function levelBadge(level: keyof typeof LEVEL_KEYS): HTMLElement {
  return el('span', { class: `level level-${level}` }, icon(level), t(LEVEL_KEYS[level]))
}

export const LEVEL_KEYS = {
  informational: 'level.informational',
  low: 'level.low',
  medium: 'level.medium',
  high: 'level.high',
  critical: 'level.critical',
} as const

/** Vietnam time, and UTC on hover. */
export function timeElement(iso: string, seconds = false): HTMLElement {
  return el('time', { datetime: iso, title: t('time.utc', { utc: iso }) }, vietnamTime(iso, seconds))
}

export function button(label: string, click: () => void, kind = ''): HTMLButtonElement {
  return el('button', { type: 'button', class: kind, click }, label)
}
