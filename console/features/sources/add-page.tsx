import { Button, NativeSelect, TextInput } from '@mantine/core'
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { only } from '../../../store/query/refine.ts'
import { useAgencies } from '../../api/agencies.ts'
import { RequestError } from '../../api/request.ts'
import { request } from '../../api/request.ts'
import { useMe } from '../../api/session.ts'
import { useNow } from '../../lib/clock.ts'
import { byAlphabet, named } from '../../lib/language.ts'
import { Icon } from '../../ui/icon.tsx'
import { problemText } from '../../ui/problem.ts'
import { Empty, Failure } from '../../ui/states.tsx'
import { t as word } from '../../ui/words.ts'
import { Frame } from './frame.tsx'
import { t } from './messages.ts'
import { type Plan, shippersQuery } from './sources-api.ts'
import frame from './frame.module.css'
import classes from './add-page.module.css'

interface Form {
  agency: string
  system: string
  shipper: string
  transport: string
  host: string
  address: string
  stream: string
}

/** How a new source ships its logs: a form, and beside it the configuration, filled in while one types. */
export default function AddPage() {
  const [form, setForm] = useState<Form>({
    agency: '',
    system: '',
    shipper: 'rsyslog',
    transport: '',
    host: location.hostname,
    address: '',
    stream: '',
  })
  const { data: ways = [] } = useQuery(shippersQuery())
  const { agencies, systems, agencyName } = useAgencies()
  const nowMs = useNow()
  const mine = ways.filter(({ shipper }) => shipper === form.shipper)
  const way = mine.find(({ transport }) => transport === form.transport) ?? mine[0]
  const { agency, host, address, system, stream } = form
  const byAddress = way?.identity === 'address'
  const ready = way !== undefined && agency !== '' && host !== '' && (!byAddress || address !== '')

  const plan = useQuery({
    queryKey: ['shipping', 'plan', form, way?.transport],
    queryFn: ({ signal }) =>
      request('GET /shipping/{shipper}/{transport}', {
        params: { shipper: way!.shipper, transport: way!.transport },
        query: {
          agency,
          host,
          system: system || undefined,
          address: byAddress ? address : undefined,
          stream: stream || undefined,
        },
        signal,
      }),
    enabled: ready,
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  })
  const pointer = plan.error instanceof RequestError ? plan.error.errors[0]?.pointer : undefined
  const unmet = (name: keyof Form): string | undefined => (pointer === `/${name}` ? t('add.unmet') : undefined)
  const set = (part: Partial<Form>): void => setForm({ ...form, ...part })
  const current = agencies
    .filter(({ validTo }) => validTo === undefined || Date.parse(validTo) > nowMs)
    .map(({ key, names }) => ({ value: key, label: named(names) }))
    .toSorted((a, b) => byAlphabet(a.label, b.label))
  const owned = systems.filter(({ owner }) => owner === agency)

  return (
    <Frame>
      <h2>{t('add.title')}</h2>
      <p className={frame.about}>{t('add.about')}</p>
      <div className={classes.columns}>
        <div className={classes.form}>
          <NativeSelect
            label={t('add.agency')}
            data={[{ value: '', label: t('add.agency_choose') }, ...current]}
            value={agency}
            onChange={(event) => set({ agency: event.currentTarget.value, system: '' })}
          />
          <NativeSelect
            label={t('add.system')}
            data={[
              { value: '', label: t('add.system_none') },
              ...owned.map(({ key, names }) => ({ value: key, label: named(names) })),
            ]}
            value={system}
            error={unmet('system')}
            onChange={(event) => set({ system: event.currentTarget.value })}
          />
          <NativeSelect
            label={t('add.shipper')}
            data={[...new Set(ways.map(({ shipper }) => shipper))]}
            value={form.shipper}
            onChange={(event) => set({ shipper: event.currentTarget.value, transport: '' })}
          />
          <NativeSelect
            label={t('add.transport')}
            data={mine.map(({ transport, input }) => ({ value: transport, label: `${transport} → ${input}` }))}
            value={way?.transport ?? ''}
            onChange={(event) => set({ transport: event.currentTarget.value })}
          />
          {way !== undefined && (
            <ul className={classes.about}>
              <li className={way.acknowledges ? classes.good : classes.warn}>
                <Icon name={way.acknowledges ? 'check' : 'alert'} size={14} />
                {t(way.acknowledges ? 'add.acknowledged' : 'add.unacknowledged')}
              </li>
              <li>
                <Icon name="info" size={14} />
                {way.tested === undefined ? t('add.untested') : t('add.tested', { with: way.tested })}
              </li>
            </ul>
          )}
          <TextInput
            label={t('add.host')}
            value={host}
            error={unmet('host')}
            onChange={(event) => set({ host: event.currentTarget.value.trim() })}
          />
          {byAddress && (
            <TextInput
              label={t('add.address')}
              description={t('add.address_why')}
              placeholder="10.20.5.7"
              value={address}
              error={unmet('address')}
              onChange={(event) => set({ address: event.currentTarget.value.trim() })}
            />
          )}
          <TextInput
            label={t('add.stream')}
            description={t('add.stream_hint')}
            value={stream}
            error={unmet('stream')}
            onChange={(event) => set({ stream: event.currentTarget.value.trim() })}
          />
        </div>
        <div className={classes.plan}>
          {!ready || (plan.data === undefined && plan.error === null) ? (
            <Empty icon="sources" title={t('add.waiting')} />
          ) : plan.error !== null ? (
            <Failure error={plan.error} />
          ) : (
            <Steps
              key={`${agency} ${plan.data.shipper} ${plan.data.transport}`}
              plan={plan.data}
              agency={agency}
              agencyName={agencyName(agency)}
            />
          )}
        </div>
      </div>
    </Frame>
  )
}

/** What is to be done, in order. */
function Steps({ plan, agency, agencyName }: { plan: Plan; agency: string; agencyName: string }) {
  const { actions } = useMe()
  const make = useMutation({
    mutationFn: () => {
      const name = `${plan.shipper} ${plan.transport} ${plan.stream}`
      return request('POST /tokens', { body: { kind: 'ingest', name, agency } })
    },
  })
  const { tokenPlace, settings, registryLine, ca, file, after } = plan
  const token = make.data?.token
  const configuration =
    tokenPlace === undefined || token === undefined
      ? plan.configuration
      : plan.configuration.replaceAll(tokenPlace, () => token)
  const mayMake = actions.includes('tokens:manage')
  return (
    <ol className={classes.steps}>
      {tokenPlace !== undefined && (
        <Step title={t('add.step.token')}>
          <p className={frame.quiet}>{mayMake ? t('add.token_why') : t('add.token_ask', { place: tokenPlace })}</p>
          {mayMake && token === undefined && (
            <Button size="xs" loading={make.isPending} onClick={() => make.mutate()}>
              {t('add.token_make')}
            </Button>
          )}
          <p role="status" className={classes.good}>
            {token !== undefined && t('add.token_made')}
          </p>
          {make.error !== null && <p role="alert">{problemText(make.error)}</p>}
        </Step>
      )}
      {settings.length > 0 && (
        <Step title={t('add.step.settings')}>
          <Code text={settings.join('\n')} label={t('add.step.settings')} />
        </Step>
      )}
      {registryLine !== undefined && (
        <Step title={t('add.step.registry')}>
          <Code text={registryLine} label={t('add.step.registry')} />
        </Step>
      )}
      {ca !== undefined && <Step title={t('add.step.ca', { file: ca })} />}
      <Step title={t('add.step.configuration', { file })}>
        <Code text={configuration} label={t('add.step.configuration', { file })} />
      </Step>
      <Step title={t('add.step.after')}>
        <Code text={named(after)} label={t('add.step.after')} />
      </Step>
      <Step title={t('add.step.watch')}>
        {actions.includes('events:read') && (
          <Link to="/search" search={{ q: only('soc.agency', agency), last: '15m' }}>
            {t('add.watch')} ({agencyName})
          </Link>
        )}
      </Step>
    </ol>
  )
}

function Step({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <li className={classes.step}>
      <h3>{title}</h3>
      {children}
    </li>
  )
}

function Code({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false)
  return (
    <div className={classes.code}>
      <pre tabIndex={0} role="region" aria-label={label} dir="ltr">
        {text}
      </pre>
      <Button
        size="compact-xs"
        variant="default"
        leftSection={<Icon name={copied ? 'check' : 'copy'} size={13} />}
        onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
      >
        {word(copied ? 'copied' : 'copy')}
      </Button>
    </div>
  )
}
