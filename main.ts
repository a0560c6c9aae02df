import { pino } from 'pino'
import { ConfigError, loadConfig } from './config.ts'
import { startProduct, type Product } from './product/product.ts'

function logLevel(): string {
  const level = process.env['SOC_LOG_LEVEL'] ?? 'info'
  const levels = [...Object.keys(pino.levels.values), 'silent']
  if (levels.includes(level)) return level
  throw new ConfigError(`environment: SOC_LOG_LEVEL is ${JSON.stringify(level)}; expected one of ${levels.join(', ')}`)
}

/** What a sysadmin needs to know when it runs: where it listens, how to log in, how to ship logs. */
function greeting(product: Product, dataFolder: string): string {
  const syslog = product.listening.find(({ input }) => input === 'syslog-tcp')
  const lines = [
    '',
    '  Vọng Gác đang chạy · Vọng Gác is running',
    '',
    `  Bàn làm việc · console   ${product.url}/`,
    ...product.listening.map(({ input, address, port }) => `  ${input.padEnd(24)} ${address}:${port}`),
    `  Dữ liệu · data           ${dataFolder}`,
  ]
  if (product.administrator !== null) {
    lines.push(
      '',
      '  Đăng nhập lần đầu (chỉ hiện một lần, phải đổi ngay) · first login (shown once, to be changed at once)',
      `    ${product.administrator.name} / ${product.administrator.password}`,
    )
  }
  if (syslog) {
    lines.push(
      '',
      '  Gửi nhật ký của máy này bằng rsyslog · ship this machine’s logs with rsyslog:',
      `    echo '*.* action(type="omfwd" target="${syslog.address}" port="${syslog.port}" protocol="tcp" tcp_framing="octet-counted" action.resumeRetryCount="-1" queue.type="linkedList" queue.filename="vong-gac" queue.saveOnShutdown="on")' | sudo tee /etc/rsyslog.d/90-vong-gac.conf && sudo systemctl restart rsyslog`,
    )
  }
  return `${lines.join('\n')}\n\n`
}

process.umask(0o077) // whatever writes a file of the data folder, DuckDB among them: others read nothing
try {
  const config = loadConfig()
  const serializers = { error: pino.stdSerializers.err } // of itself pino writes an Error under this name as {}
  const log = pino({ level: logLevel(), base: null, serializers }, pino.destination({ dest: 2, sync: true }))
  const product = await startProduct(config, log, (reason) => {
    log.fatal({ error: reason }, 'cannot go on; what was acknowledged is in the spool and is done at the next start')
    process.exit(1)
  })
  let ending = false
  const end = (): void => {
    if (ending) return
    ending = true
    product.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.fatal({ error: String(error) }, 'unclean stop')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
  process.on('SIGHUP', () => {
    Promise.all([product.reload(), product.reloadCertificates()]).then(
      () => log.info('rules, registry and certificates read again'),
      (error: unknown) => log.error({ error: String(error) }, 'not reloaded; the former ones stay in force'),
    )
  })
  process.stdout.write(greeting(product, config.dataFolder))
} catch (error) {
  process.stderr.write(`vong-gac: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(error instanceof ConfigError ? 2 : 1)
}
