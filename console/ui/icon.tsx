/** Strokes on a grid of 24 by 24, drawn for this console. */
const STROKES = {
  incidents: 'M12 3 3.5 7v5c0 4.7 3.5 7.9 8.5 9 5-1.1 8.5-4.3 8.5-9V7zM12 8v5m0 3v.01',
  search: 'M10.5 17a6.5 6.5 0 1 1 0-13 6.5 6.5 0 0 1 0 13zM20 20l-4.8-4.8',
  zoomOut: 'M10.5 17a6.5 6.5 0 1 1 0-13 6.5 6.5 0 0 1 0 13zM20 20l-4.8-4.8M7.5 10.5h6',
  sources:
    'M4 6c0-1.7 3.6-3 8-3s8 1.3 8 3-3.6 3-8 3-8-1.3-8-3zm0 0v12c0 1.7 3.6 3 8 3s8-1.3 8-3V6M4 12c0 1.7 3.6 3 8 3s8-1.3 8-3',
  rules: 'M5 3h11l3 3v15H5zM9 9h6M9 13h6M9 17h4',
  overview: 'M4 20V10m5 10V4m5 16v-7m5 7V8',
  administration:
    'M4 7h9m5 0h2M4 17h2m5 0h9M15.5 9.5a2.5 2.5 0 1 1 0-5 2.5 2.5 0 0 1 0 5zm-7 10a2.5 2.5 0 1 1 0-5 2.5 2.5 0 0 1 0 5z',
  sun: 'M12 16a4 4 0 1 1 0-8 4 4 0 0 1 0 8zM12 2.5V5m0 14v2.5M2.5 12H5m14 0h2.5M5.3 5.3 7 7m10 10 1.7 1.7M18.7 5.3 17 7M7 17l-1.7 1.7',
  moon: 'M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z',
  user: 'M12 12a4 4 0 1 1 0-8 4 4 0 0 1 0 8zm-7.5 8.5c.8-3.6 3.8-5.5 7.5-5.5s6.7 1.9 7.5 5.5',
  users:
    'M9 12a3.5 3.5 0 1 1 0-7 3.5 3.5 0 0 1 0 7zm-6.5 7.5C3 16.5 5.6 15 9 15s6 1.5 6.5 4.500M16 5.300a3.5 3.5 0 0 1 0 6.500M18 15.400c2 .6 3.2 2 3.5 4.1',
  logout: 'M14 4H5v16h9M10 12h10m-3.5-3.500L20 12l-3.5 3.5',
  keyboard: 'M3 6h18v12H3zM7 10v.01M11 10v.01M15 10v.01M7 14v.01M17 14v.01M10 14h4.5',
  menu: 'M4 7h16M4 12h16M4 17h16',
  close: 'M6 6l12 12M18 6 6 18',
  check: 'M5 12.5 10 17.5 19.5 7',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  left: 'M14.5 5.5 8 12l6.5 6.5',
  right: 'M9.5 5.5 16 12l-6.5 6.5',
  up: 'M5.5 14.5 12 8l6.5 6.5',
  down: 'M5.5 9.5 12 16l6.5-6.5',
  refresh: 'M20 11a8 8 0 0 0-14.3-4L4 9m0-5v5h5M4 13a8 8 0 0 0 14.3 4l1.7-2m0 5v-5h-5',
  comment: 'M4 5h16v11H10l-4.5 4v-4H4z',
  clock: 'M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18zm0-14v5.300l3.5 2',
  calendar: 'M4 6h16v15H4zM4 10.5h16M8.5 3v5m7-5v5',
  flag: 'M5 21V4m0 0c4-2 7 2 14 0v9.500c-7 2-10-2-14 0',
  merge: 'M6 4v4c0 4 6 3.5 6 8v4M18 4v4c0 4-6 3.5-6 8m-3 1.5 3 3 3-3',
  split: 'M12 20v-6c0-4-6-3-6-8V4m6 10c0-4 6-3 6-8V4M3.5 6.5 6 4l2.5 2.500M15.5 6.5 18 4l2.5 2.5',
  link: 'M10 14a4 4 0 0 0 5.7 0l3.1-3.100a4 4 0 0 0-5.7-5.700L12 6.300M14 10a4 4 0 0 0-5.7 0l-3.1 3.100a4 4 0 0 0 5.7 5.700L12 17.7',
  attach: 'M19.5 11.5 12 19a5 5 0 0 1-7-7l8-8a3.3 3.3 0 0 1 4.7 4.700l-8 8A1.7 1.7 0 0 1 7.3 14.300l7-7',
  print: 'M7 8V3h10v5M7 17H4V8h16v9h-3M7 14h10v7H7z',
  download: 'M12 4v11m-4.5-4.500L12 15l4.5-4.500M4 20h16',
  eye: 'M2.5 12C5 7.5 8.3 5.5 12 5.500s7 2 9.5 6.500c-2.5 4.5-5.8 6.5-9.5 6.500S5 16.5 2.5 12zm9.5 3a3 3 0 1 1 0-6 3 3 0 0 1 0 6z',
  host: 'M3 4h18v12H3zM8 20h8m-4-4v4',
  ip: 'M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18zM3 12h18M12 3c3 3 3 15 0 18-3-3-3-15 0-18z',
  ban: 'M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18zM5.7 5.7l12.6 12.6',
  filter: 'M4 5h16l-6.2 7.500V19l-3.6-2v-4.500z',
  star: 'm12 4 2.5 5.2 5.7.7-4.2 3.9 1.1 5.700L12 16.700l-5.1 2.8 1.1-5.7-4.2-3.9 5.7-.700z',
  undo: 'M8 5 4 9l4 4M4 9h10a5.5 5.5 0 0 1 0 11h-3',
  info: 'M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18zm0-10v5.500m0-9v.01',
  alert: 'M12 4 2.5 20h19zM12 10v4.500m0 3v.01',
  wifiOff:
    'M3 3l18 18M5 12.500a10 10 0 0 1 4.5-2.600M2 9a15 15 0 0 1 4.5-2.900M19 12.500a10 10 0 0 0-3-2M22 9A15 15 0 0 0 11 5M8.5 16a5 5 0 0 1 7 0M12 19.500v.01',
  book: 'M12 6c-2-1.5-5-2-8-2v14c3 0 6 .5 8 2 2-1.5 5-2 8-2V4c-3 0-6 .5-8 2zm0 0v14',
  tasks: 'M4 6l1.5 1.500L8 5M4 12.5 5.5 14 8 11.500M4 19l1.5 1.500L8 18M11.5 6.500H20M11.5 13H20M11.5 19.500H20',
  history: 'M4 5v4.500h4.500M4.5 9A8.5 8.5 0 1 1 3.5 13M12 8v4.500l3 1.8',
  similar: 'M8 8h12v12H8zM4 16V4h12',
  more: 'M5.5 12v.01M12 12v.01M18.5 12v.01',
  copy: 'M8 8h12v12H8zM16 8V4H4v12h4',
  edit: 'M4 20l1-4.500L16.5 4l3.5 3.500L8.5 19z',
  trash: 'M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5.500m4-5.500v5.5',
  law: 'M12 3v18M7 21h10M4 7h16M4 7l-2 6.500a3.5 3.5 0 0 0 6 0L6 7m12 0-2 6.500a3.5 3.5 0 0 0 6 0L20 7',
  agency: 'M4 21V8l8-4 8 4v13M2.5 21h19M8 11v.01M12 11v.01M16 11v.01M8 15v.01M16 15v.01M10.5 21v-5h3v5',
  language: 'M4 6h9M8.5 4v2M11 6c-.5 4-3 7-6.5 9M6 9.500c1 2.5 3 4.5 5.5 5.500M12.5 20l4-10 4 10m-6.8-3h5.6',
} as const

export type IconName = keyof typeof STROKES

interface IconProps {
  name: IconName
  /** Pixels; 18 by default. */
  size?: number
  className?: string | undefined
}

/** Beside a word, never instead of one that is not said elsewhere. */
export function Icon({ name, size = 18, className }: IconProps) {
  return (
    <svg
      viewBox="0 0 24 24"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth={1.75}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
      className={className}
    >
      <path d={STROKES[name]} />
    </svg>
  )
}
