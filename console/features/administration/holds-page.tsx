import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useAgencies } from '../../api/agencies.ts'
import { type Answer, request } from '../../api/request.ts'
import { useMay } from '../../api/session.ts'
import { visible } from '../../lib/highlight.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { Table, TableBox } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'
import { TimeInput } from '../../ui/time-input.tsx'
import { toast, toastProblem } from '../../ui/toasts.tsx'
import classes from './administration.module.css'
import { t } from './messages.ts'
import { Tabbed } from './tabs.tsx'

type Hold = Answer<'GET /holds'>['items'][number]

/** Days whose log no purge may touch. */
export default function HoldsPage() {
  const client = useQueryClient()
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['holds'],
    queryFn: ({ signal }) => request('GET /holds', { signal }),
  })
  const { agencyName, systemName } = useAgencies()
  const mayManage = useMay('holds:manage')
  const [adding, setAdding] = useState(false)
  const [lifting, setLifting] = useState<Hold | null>(null)
  const again = (said: string): void => {
    toast(said)
    void client.invalidateQueries({ queryKey: ['holds'] })
  }
  return (
    <Tabbed
      tab="tab.holds"
      beside={
        mayManage && (
          <Button size="xs" leftSection={<Icon name="plus" size={15} />} onClick={() => setAdding(true)}>
            {t('hold.add')}
          </Button>
        )
      }
    >
      <p className={classes.intro}>{t('hold.intro')}</p>
      {isPending && <Loading />}
      {error !== null && <Failure error={error} retry={() => void refetch()} />}
      {data?.items.length === 0 && (
        <Empty icon="law" title={t('hold.none')}>
          {t('hold.none_hint')}
        </Empty>
      )}
      {data !== undefined && data.items.length > 0 && (
        <TableBox label={t('tab.holds')}>
          <Table heads={[t('hold.days'), t('hold.of'), t('hold.reason'), t('hold.placed'), t('state'), t('acts')]}>
            {data.items.map((hold) => (
              <tr key={hold.id}>
                <th scope="row">
                  {hold.fromDay} – {hold.toDay ?? t('hold.open_end')}
                </th>
                <td className={classes.wide}>
                  {hold.agency === undefined ? t('hold.all') : agencyName(hold.agency)}
                  {hold.system !== undefined && ` · ${systemName(hold.system)}`}
                </td>
                <td className={classes.wide}>{visible(hold.reason)}</td>
                <td>
                  {hold.placedBy} · <Time at={hold.placedAt} />
                </td>
                <td className={classes.wide}>
                  {hold.liftedAt === undefined
                    ? t('hold.in_force')
                    : t('hold.lifted', { reason: visible(hold.liftedReason ?? '') })}
                </td>
                <td>
                  {mayManage && hold.liftedAt === undefined && (
                    <Button size="compact-xs" variant="default" onClick={() => setLifting(hold)}>
                      {t('hold.lift')}
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </Table>
        </TableBox>
      )}
      {adding && <AddDialog close={() => setAdding(false)} added={() => again(t('hold.saved'))} />}
      {lifting !== null && (
        <LiftDialog hold={lifting} close={() => setLifting(null)} lifted={() => again(t('hold.gone'))} />
      )}
    </Tabbed>
  )
}

function AddDialog({ close, added }: { close: () => void; added: () => void }) {
  const { agencies, systems, agencyName, systemName } = useAgencies()
  const [agency, setAgency] = useState('')
  const [system, setSystem] = useState('')
  const [fromDay, setFromDay] = useState('')
  const [toDay, setToDay] = useState('')
  const [reason, setReason] = useState('')
  const add = async (): Promise<void> => {
    const body = {
      fromDay,
      reason: reason.trim(),
      ...(toDay !== '' && { toDay }),
      ...(agency !== '' && { agency }),
      ...(agency !== '' && system !== '' && { system }),
    }
    try {
      await request('POST /holds', { body })
      close()
      added()
    } catch (error) {
      toastProblem(error)
    }
  }
  return (
    <FormDialog title={t('hold.add')} close={close} submit={() => void add()}>
      <TimeInput label={t('hold.from')} required data-autofocus value={fromDay} onChange={setFromDay} />
      <TimeInput label={t('hold.to')} min={fromDay} value={toDay} onChange={setToDay} />
      <NativeSelect
        label={t('hold.agency')}
        value={agency}
        onChange={({ currentTarget: { value } }) => {
          setAgency(value)
          setSystem('')
        }}
        data={[
          { value: '', label: t('hold.all') },
          ...agencies.map(({ key }) => ({ value: key, label: agencyName(key) })),
        ]}
      />
      {agency !== '' && (
        <NativeSelect
          label={t('hold.system')}
          value={system}
          onChange={({ currentTarget: { value } }) => setSystem(value)}
          data={[
            { value: '', label: t('hold.all_systems') },
            ...systems
              .filter(({ owner }) => owner === agency)
              .map(({ key }) => ({ value: key, label: systemName(key) })),
          ]}
        />
      )}
      <TextInput
        label={t('hold.reason')}
        required
        minLength={3}
        maxLength={1_000}
        value={reason}
        onChange={({ currentTarget: { value } }) => setReason(value)}
      />
    </FormDialog>
  )
}

function LiftDialog({ hold, close, lifted }: { hold: Hold; close: () => void; lifted: () => void }) {
  const [reason, setReason] = useState('')
  const lift = async (): Promise<void> => {
    try {
      await request('POST /holds/{id}/lift', { params: { id: hold.id }, body: { reason: reason.trim() } })
      close()
      lifted()
    } catch (error) {
      toastProblem(error)
    }
  }
  return (
    <FormDialog title={t('hold.lift')} close={close} submit={() => void lift()}>
      <p>{t('hold.lift_means')}</p>
      <TextInput
        label={t('hold.lift_reason')}
        required
        data-autofocus
        minLength={3}
        maxLength={1_000}
        value={reason}
        onChange={({ currentTarget: { value } }) => setReason(value)}
      />
    </FormDialog>
  )
}
