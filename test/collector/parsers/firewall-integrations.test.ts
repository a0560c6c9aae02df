import { expect, test } from 'vitest'
import { agreement } from './agreement.ts'
import { samplesOf, there } from './elastic-samples.ts'

// Compared are the fields that rules and searches use.
const FIELDS = new Set([
  'event.category',
  'event.type',
  'event.action',
  'event.outcome',
  'event.code',
  'source.ip',
  'source.port',
  'source.bytes',
  'source.packets',
  'source.nat.ip',
  'source.user.name',
  'source.mac',
  'destination.ip',
  'destination.port',
  'destination.bytes',
  'destination.packets',
  'destination.nat.ip',
  'network.transport',
  'network.protocol',
  'network.application',
  'network.direction',
  'network.bytes',
  'observer.vendor',
  'observer.product',
  'observer.type',
  'observer.serial_number',
  'observer.ingress.interface.name',
  'observer.egress.interface.name',
  'rule.id',
  'rule.name',
  'url.domain',
  'url.path',
  'file.name',
  'file.hash.sha256',
  'dns.question.name',
  'log.level',
])

// What is missing of pfSense is its DHCP, IPsec and resolver lines; of ASA, that a built connection is one (Elastic: `info`).
test.skipIf(!there).each<[string, number, number]>([
  ['fortinet_fortigate/log', 340, 0.92],
  ['cisco_asa/log', 7_000, 0.89],
  ['cisco_ftd/log', 1_200, 0.7],
  ['cisco_ios/log', 130, 0.83],
  ['cef/log', 110, 0.83],
  ['iptables/log', 280, 0.87],
  ['pfsense/log', 600, 0.45],
  ['panw/panos', 6_000, 0.97],
  ['checkpoint/firewall', 90, 0.89],
  ['sophos/xg', 2_800, 0.87],
  ['juniper_srx/log', 350, 0.78],
])('agrees with Elastic on %s', async (stream, comparedMin, floor) => {
  const { agreed, compared, differences } = await agreement(stream, samplesOf(stream), (field) => FIELDS.has(field))
  console.log(`${stream}: ${agreed} of ${compared} fields as Elastic has them (${(agreed / compared).toFixed(3)})`)
  expect(compared).toBeGreaterThanOrEqual(comparedMin)
  expect({ enough: agreed / compared >= floor, differences: agreed / compared >= floor ? [] : differences }).toEqual({
    enough: true,
    differences: [],
  })
})
