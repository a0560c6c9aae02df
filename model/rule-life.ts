/**
 * `draft`: loads and is checked, never runs. `shadow`: runs and is measured; its alerts are for those who tune rules, and it
 * changes nothing of what others raise. `retired`: does not run any more, and stays to be read.
 */
export const LIFE_STATES = ['draft', 'shadow', 'live', 'retired'] as const
export type LifeState = (typeof LIFE_STATES)[number]

/** Alerts a day that a noise budget may let through, at most. */
export const BUDGET_MAX = 1_000
