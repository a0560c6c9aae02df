import { existsSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DataFolderError, knownUpgrades, readVersion } from '../../data-folder/version.ts'
import type { Check, Finding } from '../check.ts'

/** Paths named at once: the first says what is wrong, the rest only how much. */
const NAMED = 3

/** What others than its owner may read or write, and what another user owns, down to the files of one level. */
function wrongRights(folder: string): string[] {
  const { uid } = lstatSync(folder)
  const paths = [folder, ...readdirSync(folder).map((name) => join(folder, name))]
  return paths.filter((path) => {
    const found = lstatSync(path)
    return found.uid !== uid || (!found.isSymbolicLink() && (found.mode & 0o077) !== 0)
  })
}

export default {
  async run({ config: { dataFolder } }) {
    if (!existsSync(dataFolder)) {
      const advice = { vi: 'Khởi động sản phẩm, hoặc đặt dataFolder.', en: 'Start the product, or set dataFolder.' }
      return [{ status: 'warn', vi: `Chưa có ${dataFolder}`, en: `${dataFolder} is not there yet`, advice }]
    }
    const findings: Finding[] = []
    const known = (await knownUpgrades()).length
    try {
      const found = readVersion(dataFolder, known)
      const behind = found !== null && found.version < known
      findings.push(
        behind
          ? {
              status: 'warn',
              vi: `Dữ liệu phiên bản ${found.version}, chương trình ${known}: lần khởi động tới sẽ nâng cấp`,
              en: `The data has version ${found.version}, the program ${known}: the next start lifts it`,
              advice: { vi: 'Chạy `soc backup` trước.', en: 'Run `soc backup` before.' },
            }
          : { status: 'ok', vi: `Phiên bản dữ liệu ${known}`, en: `The data has version ${known}` },
      )
    } catch (error) {
      if (!(error instanceof DataFolderError)) throw error
      findings.push({ status: 'fail', vi: error.message, en: error.message })
    }
    const wrong = wrongRights(dataFolder)
    if (wrong.length === 0) {
      findings.push({ status: 'ok', vi: 'Quyền tệp đúng', en: 'Files are readable by their owner only' })
    } else {
      const list = wrong.slice(0, NAMED).join(', ')
      findings.push({
        status: 'warn',
        vi: `${wrong.length} đường dẫn người khác đọc được hoặc thuộc người khác: ${list}`,
        en: `${wrong.length} paths that others may read or own: ${list}`,
        advice: {
          vi: `chown -R chủ và chmod -R go= ${dataFolder}`,
          en: `chown -R to its user, and chmod -R go= ${dataFolder}`,
        },
      })
    }
    return findings
  },
} satisfies Check
