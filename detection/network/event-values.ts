import type { EcsEvent, EcsValue } from '../../model/event.ts'
import { Subject, type Scalar } from '../sigma/scalar.ts'

const DEPTH_MAX = 20
const ELEMENTS_MAX = 10_000

/** Adds the scalars of a value: itself, or the elements of an array at any depth. Nulls and objects hold none. */
function addScalars(value: EcsValue | undefined, into: Scalar[], depth: number): void {
  if (value === undefined || value === null || depth > DEPTH_MAX || into.length >= ELEMENTS_MAX) return
  if (Array.isArray(value)) for (const element of value) addScalars(element, into, depth + 1)
  else if (typeof value !== 'object' && typeof value !== 'function') into.push(value)
}

/** Follows the rest of a dotted path into nested objects; arrays on the way fan out. Returns what stands there. */
function follow(value: EcsValue | undefined, path: string, depth: number, into: EcsValue[]): void {
  if (value === null || typeof value !== 'object' || depth > DEPTH_MAX || into.length >= ELEMENTS_MAX) return
  if (Array.isArray(value)) {
    for (const element of value) follow(element, path, depth + 1, into)
    return
  }
  if (Object.hasOwn(value, path)) into.push(value[path]!)
  for (let dot = path.indexOf('.'); dot > 0; dot = path.indexOf('.', dot + 1)) {
    const head = path.slice(0, dot)
    if (Object.hasOwn(value, head)) follow(value[head], path.slice(dot + 1), depth + 1, into)
  }
}

/** The dotted beginnings of a name: `a` and `a.b` of `a.b.c`. Without an object under one of them there is no path to follow. */
export function prefixesOf(name: string): string[] {
  return name
    .split('.')
    .slice(0, -1)
    .map((_part, i, parts) => parts.slice(0, i + 1).join('.'))
}

/** What the event holds under a name: the key with its dots as it is, else the nested path. */
export function rawValues(event: EcsEvent, name: string): EcsValue[] {
  const direct = Object.hasOwn(event, name) ? event[name] : undefined
  if (direct !== undefined) return [direct]
  if (!name.includes('.')) return []
  const found: EcsValue[] = []
  follow(event as EcsValue, name, 0, found)
  return found
}

/** All scalars under any of the names (one field of a rule can be several of the event). */
export function scalarsOf(event: EcsEvent, names: readonly string[]): Scalar[] {
  const scalars: Scalar[] = []
  for (const name of names) for (const value of rawValues(event, name)) addScalars(value, scalars, 0)
  return scalars
}

/** Fields that the collector adds to every event: a keyword about the log does not search them. */
const OWN = /^(?:soc|ecs|observer)\.|^event\.(?!original$)|^@timestamp$/

/** Whether keywords are searched in a field. */
export function isSearched(name: string): boolean {
  return !OWN.test(name)
}

/** Calls `each` with every scalar of a value, nested ones too: what a keyword is searched in. */
export function visitScalars(value: EcsValue | undefined, each: (scalar: Scalar) => void, depth = 0): void {
  if (value === null || value === undefined || depth > DEPTH_MAX) return
  if (typeof value !== 'object') each(value)
  else for (const element of Array.isArray(value) ? value : Object.values(value)) visitScalars(element, each, depth + 1)
}

/** What keywords are searched in: the raw line and the values of the event. */
export function keywordSubjects(event: EcsEvent): Subject[] {
  const subjects: Subject[] = []
  for (const name in event) {
    if (isSearched(name)) visitScalars(event[name], (scalar) => subjects.push(new Subject(scalar)))
  }
  return subjects
}

/** Null, or an array of nothing else: no value. */
export function isEmpty(value: EcsValue): boolean {
  return value === null || (Array.isArray(value) && value.every(isEmpty))
}
