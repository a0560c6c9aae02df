import { expect, test } from 'vitest'
import { agreement } from './agreement.ts'
import { FOLDER, samplesOf, streamsOf, there } from './elastic-samples.ts'

// Hosts, servers, applications and feeds: every field that rules, searches and grouping use, of every stream of a package. What is
// said differently on purpose counts as not agreeing (`kept-differences.ts`).
test.skipIf(!there).each<[name: string, comparedMin: number, floor: number]>([
  ['apache', 190, 0.86],
  ['apache_tomcat', 30, 1],
  ['auditd', 400, 0.95],
  ['auditd_manager', 350, 1],
  ['coredns', 250, 0.99],
  ['haproxy', 75, 0.94],
  ['iis', 420, 0.9],
  ['microsoft_dhcp', 150, 1],
  ['microsoft_sqlserver', 350, 0.98],
  ['mongodb', 110, 0.98],
  ['mysql', 780, 0.96],
  ['mysql_enterprise', 145, 0.97],
  ['nginx', 230, 1],
  ['nginx_ingress_controller', 70, 1],
  ['oracle', 220, 0.98],
  ['oracle_weblogic', 100, 0.88],
  ['postgresql', 830, 0.93],
  ['redis', 20, 1],
  ['sysmon_linux', 9, 0.88],
  ['system', 940, 0.98],
  ['ti_abusech', 800, 1],
  ['ti_anomali', 100, 1],
  ['ti_misp', 195, 1],
  ['ti_otx', 166, 1],
  ['vsphere', 150, 1],
  ['windows', 2_900, 0.96],
])('agrees with Elastic on all of %s', async (name, comparedMin, floor) => {
  const results = await Promise.all(
    streamsOf(FOLDER)
      .filter((stream) => stream.startsWith(`${name}/`))
      .map((stream) => agreement(stream, samplesOf(stream))),
  )
  const sum = (of: 'events' | 'parsed' | 'compared' | 'agreed'): number => results.reduce((n, each) => n + each[of], 0)
  const missed = results.flatMap(({ differences }) => differences)
  expect(sum('compared')).toBeGreaterThanOrEqual(comparedMin)
  expect(sum('parsed') / sum('events')).toBeGreaterThanOrEqual(0.95)
  const enough = sum('agreed') / sum('compared') >= floor
  expect({ enough, missed: enough ? [] : missed }).toEqual({ enough: true, missed: [] })
})
