import { createHash } from 'node:crypto'
import ipaddr from 'ipaddr.js'
import type { Observable } from '../../store/local/observables.ts'
import { isPublicAddress } from '../../model/public-address.ts'
import type { IncidentFacts } from './facts.ts'
import { techniques } from './incident.ts'

/** An object of STIX 2.1. */
export type StixObject = { type: string; id: string; spec_version: '2.1' } & Record<string, unknown>

export interface StixBundle {
  type: 'bundle'
  id: string
  objects: StixObject[]
}

/** STIX 2.1 §2.9: namespace of the ids of observables, by what they are made of. */
const OBSERVABLE_NAMESPACE = '00abedb4-aa42-466c-9c01-fed23315a9b7'
/** Ours, for what has to keep its id from one export to the next. */
const OWN_NAMESPACE = '5d7f3e0a-6c0b-4b5e-9a53-2f6c1c6b8a71'

/** STIX 2.1 §7.2.1.4, as it stands there. */
const TLP_AMBER: StixObject = {
  type: 'marking-definition',
  spec_version: '2.1',
  id: 'marking-definition--f88d31f6-486f-44da-b317-01333bde0b82',
  created: '2017-01-20T00:00:00.000Z',
  definition_type: 'tlp',
  name: 'TLP:AMBER',
  definition: { tlp: 'amber' },
}

/**
 * The incident for other centres: who has it, what was observed, which of it is worth looking for, and where that was sighted. The
 * same incident in the same version gives the same bundle. Lines of logs, names of people's accounts in comments and files stay here.
 */
export function stixBundle({ incident, agency, observables }: IncidentFacts): StixBundle {
  const created = incident.createdAt
  const modified = incident.updatedAt < created ? created : incident.updatedAt
  const common = { spec_version: '2.1' as const, created, modified, object_marking_refs: [TLP_AMBER.id] }
  const identity = (key: string, name: string): StixObject => ({
    type: 'identity',
    id: `identity--${uuid5(OWN_NAMESPACE, `identity ${key}`)}`,
    spec_version: '2.1',
    // A fixed time: the same centre is the same object in every bundle.
    created: '2026-01-01T00:00:00.000Z',
    modified: '2026-01-01T00:00:00.000Z',
    name,
    identity_class: 'organization',
    sectors: ['government-regional'],
  })
  const victim = identity(incident.agency, agency.vi)
  const seen = observables.map((each) => ({ ...each, object: cyberObservable(each) }))
  const report: StixObject = {
    ...common,
    type: 'incident',
    id: `incident--${uuid5(OWN_NAMESPACE, `incident ${incident.id}`)}`,
    created_by_ref: victim.id,
    name: incident.titleVi,
    description: incident.title,
    labels: [incident.level, incident.state, ...(incident.verdict === undefined ? [] : [incident.verdict])],
    external_references: [{ source_name: 'vong-gac', external_id: incident.id }],
  }
  const observed: StixObject | null =
    seen.length === 0
      ? null
      : {
          ...common,
          type: 'observed-data',
          id: `observed-data--${uuid5(OWN_NAMESPACE, `observed ${incident.id}`)}`,
          created_by_ref: victim.id,
          first_observed: incident.firstEventAt,
          last_observed: incident.lastEventAt,
          number_observed: Math.min(999_999_999, Math.max(1, incident.alertCount)),
          object_refs: seen.map(({ object }) => object.id),
        }
  const found = seen.flatMap(({ kind, value, firstAt, lastAt }) => {
    const pattern = patternOf({ kind, value })
    if (pattern === null) return []
    const indicator: StixObject = {
      ...common,
      type: 'indicator',
      id: `indicator--${uuid5(OWN_NAMESPACE, `indicator ${incident.agency} ${kind} ${value}`)}`,
      created_by_ref: victim.id,
      name: value,
      indicator_types: [incident.verdict === 'true_positive' ? 'malicious-activity' : 'anomalous-activity'],
      pattern,
      pattern_type: 'stix',
      pattern_version: '2.1',
      valid_from: firstAt,
    }
    const sighting: StixObject = {
      ...common,
      type: 'sighting',
      id: `sighting--${uuid5(OWN_NAMESPACE, `sighting ${incident.id} ${kind} ${value}`)}`,
      created_by_ref: victim.id,
      sighting_of_ref: indicator.id,
      where_sighted_refs: [victim.id],
      first_seen: firstAt,
      last_seen: lastAt,
      ...(observed !== null && { observed_data_refs: [observed.id] }),
    }
    return [indicator, sighting]
  })
  const attack = techniques(incident.attack)
    .split(', ')
    .filter(Boolean)
    .map((technique): StixObject => ({
      type: 'attack-pattern',
      id: `attack-pattern--${uuid5(OWN_NAMESPACE, `attack-pattern ${technique}`)}`,
      spec_version: '2.1',
      created: '2026-01-01T00:00:00.000Z',
      modified: '2026-01-01T00:00:00.000Z',
      name: technique,
      external_references: [
        {
          source_name: 'mitre-attack',
          external_id: technique,
          url: `https://attack.mitre.org/techniques/${technique.replace('.', '/')}/`,
        },
      ],
    }))
  const related = (from: StixObject, to: StixObject): StixObject => ({
    ...common,
    type: 'relationship',
    id: `relationship--${uuid5(OWN_NAMESPACE, `relationship ${from.id} ${to.id}`)}`,
    created_by_ref: victim.id,
    relationship_type: 'related-to',
    source_ref: from.id,
    target_ref: to.id,
  })
  const about = [
    ...attack,
    ...found.filter(({ type }) => type === 'indicator'),
    ...(observed === null ? [] : [observed]),
  ]
  const objects = [
    TLP_AMBER,
    victim,
    report,
    ...seen.map(({ object }) => object),
    ...(observed === null ? [] : [observed]),
    ...found,
    ...attack,
    ...about.map((object) => related(report, object)),
  ]
  return {
    type: 'bundle',
    id: `bundle--${uuid5(OWN_NAMESPACE, `bundle ${incident.id} ${incident.version}`)}`,
    objects: [...new Map(objects.map((object) => [object.id, object])).values()],
  }
}

const HASHES = { md5: 'MD5', sha1: 'SHA-1', sha256: 'SHA-256' } as const

/** STIX 2.1 §6; the id is made of what §6 names as contributing to it. */
function cyberObservable({ kind, value }: Observable): StixObject {
  const made = (type: string, contributing: Record<string, unknown>): StixObject => ({
    type,
    spec_version: '2.1',
    id: `${type}--${uuid5(OBSERVABLE_NAMESPACE, canonical(contributing))}`,
    ...contributing,
  })
  switch (kind) {
    case 'ip':
      return made(addressType(value), { value })
    case 'host':
      return ipaddr.isValid(value) ? made(addressType(value), { value }) : made('domain-name', { value })
    case 'url':
      return made('url', { value })
    case 'email':
      return made('email-addr', { value })
    case 'user':
      return made('user-account', { account_login: value })
    default:
      return made('file', { hashes: { [HASHES[kind]]: value } })
  }
}

function addressType(value: string): 'ipv4-addr' | 'ipv6-addr' {
  return ipaddr.isValid(value) && ipaddr.parse(value).kind() === 'ipv6' ? 'ipv6-addr' : 'ipv4-addr'
}

/** What others can look for: not our own hosts and users, nor addresses that are another machine in each network. */
function patternOf({ kind, value }: Observable): string | null {
  const quoted = `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  switch (kind) {
    case 'ip':
      return isPublicAddress(value) ? `[${addressType(value)}:value = ${quoted}]` : null
    case 'url':
      return `[url:value = ${quoted}]`
    case 'email':
      return `[email-addr:value = ${quoted}]`
    case 'host':
    case 'user':
      return null
    default:
      return `[file:hashes.'${HASHES[kind]}' = ${quoted}]`
  }
}

/** RFC 8785 of an object of texts and of such objects. */
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([name, held]) => `${JSON.stringify(name)}:${canonical(held)}`).join(',')}}`
}

/** RFC 9562 §5.5. */
function uuid5(namespace: string, name: string): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
    .subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x50
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
