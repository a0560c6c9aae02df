import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ruleSchemas, SCHEMA_NAMES, type SchemaName } from '../../rule-work/schemas.ts'
import type { RulesVerb } from './verb.ts'

export default {
  usage: `soc rules schema ${SCHEMA_NAMES.join('|')} · --out DIR   JSON Schema của một loại tài liệu, hoặc tất cả thành tệp · JSON Schema of a document, or all of them as files\n`,

  async run(argv) {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: { out: { type: 'string' } },
    })
    const [name, ...more] = positionals
    const schemas = await ruleSchemas()
    if (values.out !== undefined && name === undefined) {
      mkdirSync(values.out, { recursive: true })
      for (const [each, schema] of Object.entries(schemas)) {
        writeFileSync(join(values.out, `${each}.schema.json`), `${JSON.stringify(schema, null, 2)}\n`)
      }
      return 0
    }
    if (name === undefined || more.length > 0 || values.out !== undefined) return null
    if (!(SCHEMA_NAMES as readonly string[]).includes(name)) return null
    process.stdout.write(`${JSON.stringify(schemas[name as SchemaName], null, 2)}\n`)
    return 0
  },
} satisfies RulesVerb
