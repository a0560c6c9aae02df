import { X509Certificate, createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Check, Finding, Patient } from '../check.ts'

const DAY_MS = 86_400_000
const SOON_DAYS = 30

const ADVICE = {
  vi: 'Thay chứng thư và khóa cùng lúc; sản phẩm tự đọc lại trong một phút.',
  en: 'Replace certificate and key together; the product reads them again within a minute.',
}

/** Of HTTPS and of every input that has TLS. */
function pairsOf({ config }: Patient): { user: string; certificate: string; key?: string }[] {
  const users = Object.entries({ http: config.http, ...config.inputs })
  return users.flatMap(([user, options]) => {
    const { certificate, key } = typeof options === 'object' ? ((options ?? {}) as Record<string, unknown>) : {}
    return typeof certificate === 'string' ? [{ user, certificate, ...(typeof key === 'string' && { key }) }] : []
  })
}

function judge(path: string, keyPath: string | undefined, nowMs: number): Finding {
  const certificate = new X509Certificate(readFileSync(path))
  if (keyPath !== undefined && !certificate.checkPrivateKey(createPrivateKey(readFileSync(keyPath)))) {
    return { status: 'fail', vi: 'khóa không thuộc chứng thư', en: 'the key is not the certificate’s', advice: ADVICE }
  }
  const days = Math.floor((Date.parse(certificate.validTo) - nowMs) / DAY_MS)
  if (Date.parse(certificate.validFrom) > nowMs) {
    return { status: 'fail', vi: 'chưa có hiệu lực', en: 'is not valid yet', advice: ADVICE }
  }
  if (days < 0)
    return { status: 'fail', vi: `hết hạn ${-days} ngày trước`, en: `ran out ${-days} days ago`, advice: ADVICE }
  if (days < SOON_DAYS) return { status: 'warn', vi: `còn ${days} ngày`, en: `has ${days} days left`, advice: ADVICE }
  return { status: 'ok', vi: `còn ${days} ngày`, en: `has ${days} days left` }
}

export default {
  run(patient) {
    return pairsOf(patient).map(({ user, certificate, key }): Finding => {
      const named = `${user}: ${certificate}`
      try {
        const { vi, en, ...rest } = judge(certificate, key, patient.nowMs)
        return { ...rest, vi: `${named} ${vi}`, en: `${named} ${en}` }
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        return {
          status: 'fail',
          vi: `${named} không đọc được: ${reason}`,
          en: `${named} cannot be read: ${reason}`,
          advice: ADVICE,
        }
      }
    })
  },
} satisfies Check
