import type { Check, Finding } from '../check.ts'

/** Records that wait are ordinary for as long as the pipeline works them off; so many say that it does not keep up. */
const LAG_MAX = 100_000

export default {
  run({ running }) {
    if (running === null) {
      const advice = {
        vi: 'systemctl start vong-gac; xem journalctl -u vong-gac.',
        en: 'systemctl start vong-gac; see journalctl -u vong-gac.',
      }
      return [{ status: 'fail', vi: 'Sản phẩm không chạy', en: 'The product does not run', advice }]
    }
    const findings: Finding[] = running.checks
      .filter(({ ok }) => !ok)
      .map(({ name, reason = '' }) => {
        const detail =
          name === 'store' && running.waiting !== undefined ? running.waiting : (running.spool.reason ?? reason)
        return { status: 'fail', vi: `${name} không sẵn sàng: ${detail}`, en: `${name} is not ready: ${detail}` }
      })
    const lag = Math.max(0, running.spool.durableSeq - running.pipelineSeq)
    findings.push(
      lag > LAG_MAX
        ? {
            status: 'warn',
            vi: `${lag} bản ghi chờ xử lý`,
            en: `${lag} records wait to be processed`,
            advice: {
              vi: 'Xem kho có chậm không, luật nào tốn kém: `soc rules top`.',
              en: 'See whether the store is slow, which rules cost: `soc rules top`.',
            },
          }
        : {
            status: 'ok',
            vi: `Đang chạy, ${lag} bản ghi chờ xử lý`,
            en: `It runs, ${lag} records wait to be processed`,
          },
    )
    return findings
  },
} satisfies Check
