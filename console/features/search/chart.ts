import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'

export interface ChartOptions {
  /** Beginnings of the bars, epoch seconds, evenly apart. */
  times: readonly number[]
  counts: readonly number[]
  intervalSeconds: number
  height: number
  /** For an axis with so many seconds between its marks. */
  timeText: (seconds: number, stepSeconds: number) => string
  countText: (count: number) => string
  /** A stretch was drawn, epoch seconds. */
  brushed: (from: number, to: number) => void
  /** The bar under the pointer, or null. */
  pointed: (index: number | null) => void
}

/** Bars over time in `host`, as wide as it is. Gives what takes it away again. */
export function drawChart(host: HTMLElement, options: ChartOptions): () => void {
  const { times, counts, intervalSeconds, height, timeText, countText, brushed, pointed } = options
  const colour = (name: string): string => getComputedStyle(host).getPropertyValue(name).trim()
  const axis = { stroke: colour('--text-quiet'), ticks: { show: false }, font: `11px ${colour('--font')}` }
  const end = times.at(-1)! + intervalSeconds
  const chart = new uPlot(
    {
      width: host.clientWidth,
      height,
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), 'Asia/Ho_Chi_Minh'), // where days begin on the axis
      padding: [8, 8, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false, dist: 4 } },
      scales: {
        x: { time: true, range: () => [times[0]!, end] },
        y: { range: (_u, _min, max) => [0, Math.max(1, max)] },
      },
      axes: [
        {
          ...axis,
          size: 26,
          gap: 7,
          space: 110,
          grid: { show: false },
          values: (_u, splits, _axis, _space, step) => splits.map((seconds) => timeText(seconds, step)),
        },
        {
          ...axis,
          size: 46,
          space: 32,
          grid: { stroke: colour('--line'), width: 1 },
          values: (_u, splits) => splits.map((count) => (Number.isInteger(count) ? countText(count) : '')),
        },
      ],
      series: [
        {},
        {
          fill: colour('--accent'),
          stroke: colour('--accent'),
          width: 0,
          paths: uPlot.paths.bars!({ size: [0.86, 60], align: 1 }),
          points: { show: false },
        },
      ],
      hooks: {
        setSelect: [
          (u) => {
            if (u.select.width > 4) {
              brushed(u.posToVal(u.select.left, 'x'), u.posToVal(u.select.left + u.select.width, 'x'))
            }
            u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
          },
        ],
        setCursor: [
          (u) => {
            const { left = -1 } = u.cursor
            const at = left < 0 ? -1 : Math.floor((u.posToVal(left, 'x') - times[0]!) / intervalSeconds)
            pointed(at >= 0 && at < times.length ? at : null)
          },
        ],
      },
    },
    [[...times], [...counts]],
    host,
  )
  const resized = new ResizeObserver(() => chart.setSize({ width: host.clientWidth, height }))
  resized.observe(host)
  return () => {
    resized.disconnect()
    chart.destroy()
  }
}
