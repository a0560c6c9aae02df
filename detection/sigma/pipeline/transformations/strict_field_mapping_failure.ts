import { RuleError } from '../../../errors.ts'
import type { Transformation } from '../transformation.ts'

/** Refuses a rule with a field that no step before this one has renamed. */
export default {
  parameters: [],
  read: () => ({
    about: 'rule',
    apply({ selections }) {
      const names = [...selections.values()]
        .flat(2)
        .flatMap(({ branches }) => branches.flatMap(({ name, mapped }) => (mapped || name === '' ? [] : [name])))
      if (names.length > 0)
        throw new RuleError('bad_rule', `fields without a mapping: ${[...new Set(names)].join(', ')}`)
    },
  }),
} satisfies Transformation
