import { ActionIcon, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { type Answer, request } from '../../api/request.ts'
import { visible } from '../../lib/highlight.ts'
import { titled } from '../../lib/language.ts'
import { vietnamTime } from '../../lib/time.ts'
import { Check } from '../../ui/check.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Panel } from '../../ui/panel.tsx'
import { problemText } from '../../ui/problem.ts'
import { has, say, t } from './incident-messages.ts'
import { useDeed, usePart } from './part.ts'
import classes from './side.module.css'

type Task = Answer<'GET /incidents/{id}/tasks'>['items'][number]

/** The checklist: what playbooks say, by phase, and what somebody added. */
export function TasksPanel({ id, mayComment }: { id: string; mayComment: boolean }) {
  const { data, error } = usePart(id, 'tasks', (signal) =>
    request('GET /incidents/{id}/tasks', { params: { id }, signal }),
  )
  const [title, setTitle] = useState('')
  const deed = useDeed(id)
  const tasks = data?.items ?? []
  const phases = [...new Set(tasks.map(phaseOf))]
  const tick = ({ key }: Task, done: boolean): void => {
    const [playbook = '', step = ''] = key.split('/')
    void deed(
      request('PATCH /incidents/{id}/tasks/{playbook}/{step}', { params: { id, playbook, step }, body: { done } }),
    )
  }
  const add = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (title.trim() === '') return
    const body = { title: title.trim() }
    if (await deed(request('POST /incidents/{id}/tasks', { params: { id }, body }))) setTitle('')
  }
  const done = tasks.filter(({ doneAt }) => doneAt !== undefined).length
  return (
    <Panel
      title={t('tasks.title')}
      icon="tasks"
      beside={tasks.length === 0 ? '' : t('tasks.done', { done, total: tasks.length })}
    >
      {error !== null && <p role="alert">{problemText(error)}</p>}
      {data?.items.length === 0 && <p className={classes.none}>{t('tasks.none')}</p>}
      {phases.map((phase) => (
        <div key={phase}>
          <h3 className={classes.phase}>{has(`phase.${phase}`) ? say(`phase.${phase}` as 'phase.own') : phase}</h3>
          <ul className={classes.list}>
            {tasks
              .filter((task) => phaseOf(task) === phase)
              .map((task) => (
                <li key={task.key}>
                  <Check
                    disabled={!mayComment}
                    checked={task.doneAt !== undefined}
                    onChange={(event) => tick(task, event.currentTarget.checked)}
                    label={
                      <span>
                        <span className={task.doneAt === undefined ? undefined : classes.done}>
                          {visible(titled(task))}
                        </span>
                        {task.doneAt !== undefined && task.doneBy !== undefined && (
                          <small className={classes.doneBy}>
                            {t('tasks.by', { name: task.doneBy, at: vietnamTime(task.doneAt) })}
                          </small>
                        )}
                      </span>
                    }
                  />
                </li>
              ))}
          </ul>
        </div>
      ))}
      {mayComment && (
        <form className={classes.inline} style={{ marginTop: 10 }} onSubmit={(event) => void add(event)}>
          <TextInput
            size="xs"
            aria-label={t('tasks.add')}
            placeholder={t('tasks.add')}
            value={title}
            maxLength={500}
            onChange={(event) => setTitle(event.currentTarget.value)}
          />
          <ActionIcon type="submit" size={30} variant="default" aria-label={t('tasks.add')}>
            <Icon name="plus" size={15} />
          </ActionIcon>
        </form>
      )}
    </Panel>
  )
}

function phaseOf({ phase }: Task): string {
  return phase ?? 'own'
}
