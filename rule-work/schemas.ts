import { loadModifiers } from '../detection/engine.ts'
import { BUDGET_MAX, LIFE_STATES } from '../model/rule-life.ts'
import { STATUSES } from '../detection/sigma/metadata.ts'
import { LEVELS } from '../model/alert.ts'
import { RULE_TEST_SCHEMA } from './tests.ts'

export const SCHEMA_NAMES = ['rule', 'test', 'life', 'disabled'] as const
export type SchemaName = (typeof SCHEMA_NAMES)[number]

const DIALECT = 'https://json-schema.org/draft/2020-12/schema'
const text = { type: 'string' }
const scalar = { type: ['string', 'number', 'boolean', 'null'] }
const names = { anyOf: [text, { type: 'array', items: text }] }
const day = { type: 'string', pattern: '^\\d{4}[-/]\\d{2}[-/]\\d{2}$' }

/**
 * JSON Schemas of the documents of a rules folder, for editors: `rule` is a detection rule, a correlation or a filter. They say
 * what is likely meant; what loads is for `soc rules check` to say, which knows more than a schema can.
 */
export async function ruleSchemas(): Promise<Record<SchemaName, object>> {
  const modifiers = [...(await loadModifiers()).keys()].sort()
  const values = { anyOf: [scalar, { type: 'array', items: scalar, minItems: 1 }] }
  const items = {
    type: 'object',
    minProperties: 1,
    patternProperties: { [`^[^|]*(\\|(${modifiers.join('|')}))*$`]: values },
    additionalProperties: false,
  }
  const selection = {
    description: 'Fields that must all hold; or a list of such mappings, or of keywords: one of them must hold.',
    anyOf: [items, { type: 'array', minItems: 1, items: { anyOf: [items, scalar] } }, scalar],
  }
  const detection = (own: object) => ({
    type: 'object',
    required: ['condition'],
    properties: { condition: { ...names, description: '`selection and not 1 of filter_*`' }, ...own },
    additionalProperties: selection,
  })
  const logsource = {
    type: 'object',
    minProperties: 1,
    properties: { product: text, category: text, service: text, definition: text },
  }
  const operators = Object.fromEntries(
    ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'].map((operator) => [operator, { type: 'number' }]),
  )
  const correlation = {
    type: 'object',
    required: ['type', 'rules', 'timespan'],
    properties: {
      type: {
        enum: [
          'event_count',
          'value_count',
          'temporal',
          'temporal_ordered',
          'value_sum',
          'value_avg',
          'value_median',
          'value_percentile',
        ],
      },
      rules: { ...names, description: 'Ids or names of the rules that are counted.' },
      'group-by': names,
      timespan: { type: 'string', pattern: '^\\d+[smhdwMy]$', description: '10m, 1h, 1d' },
      condition: {
        anyOf: [
          text,
          {
            type: 'object',
            properties: { ...operators, field: names, percentile: { type: 'number', minimum: 0, maximum: 100 } },
          },
        ],
      },
      aliases: { type: 'object' },
      generate: { type: 'boolean', description: 'Its parts alert on their own as well.' },
    },
  }
  const metadata = {
    title: { type: 'string', minLength: 1, maxLength: 256 },
    title_vi: { ...text, description: 'Tiêu đề mà người trực nhìn thấy · what analysts see' },
    id: text,
    name: { ...text, description: 'By which correlations refer to it.' },
    status: { enum: STATUSES },
    description: { type: 'string', maxLength: 65_535 },
    description_vi: text,
    triage_vi: { ...text, description: 'Việc cần làm trước tiên · what to do first' },
    author: names,
    date: day,
    modified: day,
    level: { enum: LEVELS },
    license: text,
    references: names,
    falsepositives: names,
    fields: names,
    scope: names,
    tags: { type: 'array', items: { type: 'string', pattern: '^[a-z0-9_-]+\\.[a-z0-9._-]+$' } },
    related: {
      type: 'array',
      items: {
        type: 'object',
        required: ['id', 'type'],
        properties: { id: text, type: { enum: ['derived', 'obsolete', 'merged', 'renamed', 'similar'] } },
      },
    },
    taxonomy: { enum: ['sigma', 'ecs'] },
    pipeline: text,
    generate: { type: 'boolean' },
    action: { enum: ['global', 'repeat', 'reset'] },
  }
  return {
    rule: {
      $schema: DIALECT,
      title: 'Sigma: rule, correlation or filter',
      type: 'object',
      properties: {
        ...metadata,
        logsource,
        detection: detection({ timeframe: text }),
        correlation,
        filter: {
          ...detection({ rules: { ...names, description: '`any`, or ids and names' } }),
          required: ['rules', 'condition'],
        },
      },
      anyOf: [
        { required: ['title', 'logsource', 'detection'] },
        { required: ['title', 'correlation'] },
        { required: ['title', 'logsource', 'filter'] },
        { required: ['action'] },
      ],
    },
    test: { $schema: DIALECT, title: 'Tests of a rule', ...RULE_TEST_SCHEMA },
    life: {
      $schema: DIALECT,
      title: 'life.yml: how far along each rule is',
      type: ['object', 'null'],
      additionalProperties: {
        anyOf: [
          { enum: LIFE_STATES },
          {
            type: 'object',
            properties: {
              state: { enum: LIFE_STATES },
              budget: { type: 'integer', minimum: 1, maximum: BUDGET_MAX, description: 'Alerts of an agency in a day' },
              owner: text,
              by: text,
              since: text,
              why: text,
            },
            additionalProperties: false,
          },
        ],
      },
    },
    disabled: {
      $schema: DIALECT,
      title: 'disabled.yml: rules that are switched off',
      type: ['object', 'null'],
      additionalProperties: {
        anyOf: [
          { ...scalar, description: 'Why; it is off everywhere' },
          {
            type: 'object',
            required: ['agencies'],
            properties: { agencies: { type: 'array', minItems: 1, items: text }, why: text },
            additionalProperties: false,
          },
        ],
      },
    },
  }
}
