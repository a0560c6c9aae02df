import { Button, NativeSelect, SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { addressOf, request } from '../../api/request.ts'
import { currentLanguage, fileSize } from '../../lib/language.ts'
import { useTitle } from '../../lib/title.ts'
import { Icon } from '../../ui/icon.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { Table } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'
import { TimeInput } from '../../ui/time-input.tsx'
import { t } from './messages.ts'
import classes from './overview.module.css'

const PERIODS = ['week', 'month'] as const
const FORMATS = ['pdf', 'docx', 'csv'] as const

/** Reports about a week, a month, or days of one's choice, and those that were made by themselves. */
export default function ReportsPage() {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['reports'],
    queryFn: ({ signal }) => request('GET /reports', { signal }),
  })
  useTitle(t('reports'))
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <h1>{t('reports')}</h1>
        <Link to="/overview">{t('reports.back')}</Link>
      </header>
      <div className={classes.reports}>
        <MakePanel />
        <Panel title={t('reports.kept')} icon="history">
          {isPending && <Loading />}
          {error !== null && <Failure error={error} retry={() => void refetch()} />}
          {data?.items.length === 0 && (
            <Empty icon="book" title={t('reports.none')}>
              {t('reports.none_hint')}
            </Empty>
          )}
          {data !== undefined && data.items.length > 0 && (
            <Table heads={[t('reports.period'), t('reports.days'), t('reports.at'), t('reports.file')]}>
              {data.items.map(({ id, period, from, to, at, format, language, bytes }) => (
                <tr key={id}>
                  <td>{t(`reports.${period}`)}</td>
                  <td>
                    {from} – {to}
                  </td>
                  <td>
                    <Time at={at} />
                  </td>
                  <td>
                    <a href={addressOf('GET /reports/{id}/file', { params: { id } })} download>
                      {format.toUpperCase()} · {language} · {fileSize(bytes)}
                    </a>
                  </td>
                </tr>
              ))}
            </Table>
          )}
        </Panel>
      </div>
    </div>
  )
}

function MakePanel() {
  const [period, setPeriod] = useState<(typeof PERIODS)[number]>('week')
  const [format, setFormat] = useState<(typeof FORMATS)[number]>('pdf')
  const [from, setFrom] = useState('')
  const [to, setTo] = useState('')
  const hasDays = from !== '' && to > from
  const query = { format, lang: currentLanguage(), ...(hasDays ? { from, to } : { period }) }
  return (
    <Panel title={t('reports.make')} icon="book">
      <p className={classes.note}>{t('reports.means')}</p>
      <div className={classes.making}>
        <NativeSelect
          label={t('reports.period')}
          value={period}
          disabled={hasDays}
          onChange={({ currentTarget: { value } }) => setPeriod(value === 'month' ? 'month' : 'week')}
          data={PERIODS.map((value) => ({ value, label: t(`reports.${value}`) }))}
        />
        <TimeInput label={t('reports.from')} value={from} onChange={setFrom} />
        <TimeInput label={t('reports.to')} min={from} value={to} onChange={setTo} />
        <SegmentedControl
          size="sm"
          aria-label={t('reports.format')}
          value={format}
          onChange={setFormat}
          data={FORMATS.map((value) => ({ value, label: value.toUpperCase() }))}
        />
        <Button
          component="a"
          href={addressOf('GET /reports/period', { query })}
          download
          leftSection={<Icon name="download" size={15} />}
        >
          {t('reports.save')}
        </Button>
      </div>
    </Panel>
  )
}
