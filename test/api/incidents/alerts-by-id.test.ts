import { afterAll, beforeAll, expect, test } from 'vitest'
import { alertsById } from '../../../api/incidents/alerts-by-id.ts'
import { type World, alertOf, makeWorld } from '../world.ts'

let world: World
beforeAll(async () => {
  world = await makeWorld()
})
afterAll(() => world.close())

test('an alert is found where its incident knows it, where a higher version put it, and where no incident has it', async () => {
  const asked: (readonly number[] | undefined)[] = []
  const store = new Proxy(world.store, {
    get: (target, name) =>
      name === 'searchAlerts'
        ? (query: Parameters<typeof target.searchAlerts>[0]) => {
            asked.push(query.seqs)
            return target.searchAlerts(query)
          }
        : (Reflect.get(target, name) as unknown),
  })
  const look = async (ids: readonly string[], scope: 'all' | string[] = 'all'): Promise<string[]> => {
    const found = await alertsById({ local: world.local, store }, ids, scope)
    return [...found.values()].map(({ id, version }) => `${id} ${version}`).sort()
  }
  expect(await look(['alert-so-y-te-3', 'alert-so-y-te-5'])).toEqual(['alert-so-y-te-3 1', 'alert-so-y-te-5 1'])
  expect(asked.splice(0)).toEqual([[3, 5]])
  // The store has it before the incident does.
  const alerts = [alertOf('so-y-te', 11, { id: 'alert-so-y-te-3', version: 2 }), alertOf('so-y-te', 12)]
  await world.store.append({ from: 11, through: 12, events: [], alerts, deadLetters: [] })
  expect(await look(['alert-so-y-te-3', 'alert-so-y-te-5', 'alert-so-y-te-12', 'nowhere'])).toEqual([
    'alert-so-y-te-12 1',
    'alert-so-y-te-3 2',
    'alert-so-y-te-5 1',
  ])
  expect(asked.splice(0)).toEqual([[3, 5], undefined])
  expect(await look(['alert-so-y-te-3', 'alert-so-y-te-5', 'alert-so-y-te-12'], ['so-gtvt'])).toEqual([])
  expect(await look([])).toEqual([])
})
