import { NoServer, startElasticsearch } from './server.ts'

/** Exit code where no server can be had: neither a success nor a failed test. */
const NOTHING_TESTED = 2

export default async function setup(): Promise<() => Promise<void>> {
  try {
    if (process.env['ELASTICSEARCH_URL'] === undefined) process.env['ELASTICSEARCH_CAN_START'] = 'yes' // others, too
    const server = await startElasticsearch()
    process.env['ELASTICSEARCH_URL'] = server.url
    return () => server.stop()
  } catch (error) {
    if (!(error instanceof NoServer)) throw error
    console.error(`Nothing was tested: ELASTICSEARCH_URL is not set, and ${error.message}`)
    return process.exit(NOTHING_TESTED)
  }
}
