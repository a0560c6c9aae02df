import { Alert as Notice, Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, lazyRouteComponent } from '@tanstack/react-router'
import { Suspense, lazy, useEffect, useState } from 'react'
import { request } from '../../api/request.ts'
import { useMay, useMe } from '../../api/session.ts'
import { useChanges } from '../../api/stream.ts'
import { useAhead } from '../../lib/ahead.ts'
import { useShortcuts } from '../../lib/keys.ts'
import { titled } from '../../lib/language.ts'
import { useAddress, useGo, useParam } from '../../lib/location.ts'
import { useTitle } from '../../lib/title.ts'
import { Columns, Main, Side } from '../../ui/columns.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { toast, toastProblem } from '../../ui/toasts.tsx'
import { AlertsPanel } from './alerts-panel.tsx'
import { ClocksPanel } from './clocks-panel.tsx'
import { CommentsPanel } from './comments-panel.tsx'
import { type Decision, type IncidentDetail, decide, incidentQuery } from './incident-api.ts'
import { Facts, IncidentHead } from './incident-head.tsx'
import { t } from './incident-messages.ts'
import classes from './incident-page.module.css'
import { neighboursOf } from './last-list.ts'
import { LinksPanel } from './links-panel.tsx'
import { t as listT } from './messages.ts'
import { useDeed } from './part.ts'
import { SimilarPanel } from './similar-panel.tsx'
import { StoryPanel } from './story-panel.tsx'
import { TasksPanel } from './tasks-panel.tsx'

// Below what is seen first: fetched while that is being read.
const HistoryPanel = lazy(() => import('./history-panel.tsx'))
const LegalPanel = lazy(() => import('./legal-panel.tsx'))
const ObservablesPanel = lazy(() => import('./observables-panel.tsx'))
const BlocksPanel = lazy(() => import('./blocks-panel.tsx'))
const AttachmentsPanel = lazy(() => import('./attachments-panel.tsx'))
const ReportsPanel = lazy(() => import('./reports-panel.tsx'))
const DecisionDialog = lazyRouteComponent(() => import('./decision-dialog.tsx'))
const IncidentPicker = lazyRouteComponent(() => import('./incident-picker.tsx'))

export default function IncidentPage() {
  const id = useParam('id')
  const client = useQueryClient()
  const { data, error, isPending, refetch } = useQuery(incidentQuery(id))
  useTitle(data === undefined ? '' : `#${data.number} ${titled(data)}`)

  useChanges((changes) => {
    if (changes === null || changes.some(({ incidentId }) => incidentId === id)) {
      void client.invalidateQueries({ queryKey: ['incident', id] })
    }
  })
  // Whoever is done with this one goes on to the next: it is there before they press the key.
  useEffect(() => {
    const { after } = neighboursOf(client, id)
    if (after !== undefined) void client.prefetchQuery(incidentQuery(after))
  }, [client, id])

  if (isPending) return <Loading />
  if (error !== null && data === undefined) return <Failure error={error} retry={() => void refetch()} />
  return <Loaded key={id} incident={data} />
}

function Loaded({ incident }: { incident: IncidentDetail }) {
  const { id, number, version, assignee, state, mergedInto } = incident
  const client = useQueryClient()
  const go = useGo()
  const me = useMe()
  const mayWrite = useMay('incidents:write') && mergedInto === undefined
  const mayComment = useMay('incidents:comment')
  const mayMerge = useMay('incidents:merge')
  const [deciding, setDeciding] = useState<'state' | 'verdict' | null>(null)
  const [picking, setPicking] = useState<'merge' | 'link' | null>(null)
  const [search] = useAddress()
  const { before, after } = neighboursOf(client, id)

  const wantsComment = search['at'] === 'comment'
  useEffect(() => {
    if (wantsComment) focusComment()
  }, [wantsComment])

  const run = async (decision: Decision): Promise<void> => {
    try {
      await decide(client, incident, decision)
      setDeciding(null)
      toast(t('saved'))
    } catch (problem) {
      toastProblem(problem)
    }
  }
  const deed = useDeed(id)
  const doing = async (work: Promise<unknown>, said: string): Promise<void> => {
    if (await deed(work)) toast(said)
    await client.invalidateQueries({ queryKey: ['incidents'] })
  }
  const take = (): void => {
    void run(
      assignee === me.name
        ? { assignee: null }
        : { assignee: me.name, ...(state === 'new' && { state: 'in_progress' as const }) },
    )
  }

  useAhead(DecisionDialog, IncidentPicker)
  useShortcuts({
    heading: t('keys.page'),
    shortcuts: [
      ...(mayWrite
        ? [
            { keys: 'a', label: listT(assignee === me.name ? 'act.release' : 'act.take'), run: take },
            { keys: 's', label: listT('act.state'), run: () => setDeciding('state') },
            { keys: 'v', label: listT('act.verdict'), run: () => setDeciding('verdict') },
          ]
        : []),
      ...(mayComment ? [{ keys: 'c', label: listT('act.comment'), run: focusComment }] : []),
      ...(after !== undefined ? [{ keys: 'n', label: t('after'), run: () => go(`/incidents/${after}`) }] : []),
      ...(before !== undefined ? [{ keys: 'p', label: t('before'), run: () => go(`/incidents/${before}`) }] : []),
      { keys: 'u', label: t('back'), run: () => history.back() },
    ],
  })

  return (
    <article className={classes.page}>
      <IncidentHead
        incident={incident}
        before={before}
        after={after}
        take={mayWrite ? take : null}
        decide={mayWrite ? setDeciding : null}
        comment={mayComment ? focusComment : null}
        pick={mayMerge || mayWrite ? setPicking : null}
        mayMerge={mayMerge && mergedInto === undefined}
      />
      {mergedInto !== undefined && (
        <Notice className={classes.notice} color="gray" variant="outline">
          {t('merged_away')}{' '}
          <Link to="/incidents/$id" params={{ id: mergedInto }}>
            {t('merged_to')}
          </Link>
          {mayMerge && (
            <Button
              ml="md"
              size="compact-sm"
              variant="default"
              onClick={() =>
                void doing(request('POST /incidents/{id}/unmerge', { params: { id }, ifMatch: version }), t('unmerged'))
              }
            >
              {t('unmerge')}
            </Button>
          )}
        </Notice>
      )}
      <Facts incident={incident} />
      <Columns className={classes.columns}>
        <Main>
          <StoryPanel incident={incident} />
          <AlertsPanel
            incident={incident}
            split={
              mayMerge && mergedInto === undefined
                ? (alerts) =>
                    void doing(
                      request('POST /incidents/{id}/split', {
                        params: { id },
                        ifMatch: version,
                        body: { alerts },
                      }).then(({ target }) => toast(t('alerts.split_done', { number: String(target.number) }))),
                      t('saved'),
                    )
                : null
            }
          />
          <CommentsPanel id={id} mayComment={mayComment} />
          <Suspense>
            <HistoryPanel entries={incident.history} />
          </Suspense>
        </Main>
        <Side label={t('more')}>
          <ClocksPanel incident={incident} />
          <Suspense>
            <LegalPanel incident={incident} mayWrite={mayWrite} />
          </Suspense>
          <TasksPanel id={id} mayComment={mayComment} />
          <SimilarPanel id={id} apply={mayWrite ? (verdict) => void run({ state: 'resolved', verdict }) : null} />
          <Suspense>
            <ObservablesPanel id={id} />
            <BlocksPanel id={id} agency={incident.agency} />
            <LinksPanel id={id} mayWrite={mayWrite} add={() => setPicking('link')} />
            <AttachmentsPanel id={id} mayComment={mayComment} />
            <ReportsPanel id={id} />
          </Suspense>
        </Side>
      </Columns>
      <Suspense>
        {deciding !== null && (
          <DecisionDialog about={incident} focus={deciding} close={() => setDeciding(null)} decide={run} />
        )}
        {picking !== null && (
          <IncidentPicker
            title={t(picking === 'merge' ? 'pick.merge' : 'pick.link', { number: String(number) })}
            besides={id}
            agency={picking === 'merge' ? incident.agency : undefined}
            withRelation={picking === 'link'}
            close={() => setPicking(null)}
            pick={(other, relation) => {
              setPicking(null)
              if (picking === 'merge') {
                const body = { source: other.id }
                void doing(
                  request('POST /incidents/{id}/merge', { params: { id }, ifMatch: version, body }),
                  t('merged'),
                )
              } else {
                const body = { incidentId: other.id, relation }
                void doing(request('POST /incidents/{id}/links', { params: { id }, body }), t('saved'))
              }
            }}
          />
        )}
      </Suspense>
    </article>
  )
}

function focusComment(): void {
  const box = document.getElementById('comment')
  box?.focus()
  box?.scrollIntoView({ block: 'center' })
}
