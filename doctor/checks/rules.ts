import type { Check } from '../check.ts'

const NAMED = 3

export default {
  run({ running }) {
    if (running === null) {
      return [
        {
          status: 'unknown',
          vi: 'Sản phẩm không chạy: xem `soc rules check`',
          en: 'The product does not run: see `soc rules check`',
        },
      ]
    }
    const advice = { vi: 'Xem `soc rules check`.', en: 'See `soc rules check`.' }
    const failed = running.problems.filter(({ severity }) => severity === 'error')
    if (running.rules === 0) return [{ status: 'fail', vi: 'Không có luật nào', en: 'No rule is in force', advice }]
    if (failed.length === 0) {
      return [{ status: 'ok', vi: `${running.rules} luật có hiệu lực`, en: `${running.rules} rules are in force` }]
    }
    const list = failed
      .slice(0, NAMED)
      .map(({ path, line, message }) => `${path}:${line}: ${message}`)
      .join('; ')
    return [
      {
        status: 'warn',
        vi: `${failed.length} lỗi luật: ${list}`,
        en: `${failed.length} rules do not load: ${list}`,
        advice,
      },
    ]
  },
} satisfies Check
