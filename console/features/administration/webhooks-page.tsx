import { Button, Modal, MultiSelect, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useAgencies } from '../../api/agencies.ts'
import { type Answer, request } from '../../api/request.ts'
import { visible } from '../../lib/highlight.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { Table, TableBox } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'
import { toast, toastProblem } from '../../ui/toasts.tsx'
import { t as w } from '../../ui/words.ts'
import classes from './administration.module.css'
import { t } from './messages.ts'
import { type Secret, SecretDialog } from './secret.tsx'
import { Tabbed } from './tabs.tsx'

type Webhook = Answer<'GET /webhooks'>['items'][number]

/** Who outside is told of changes of incidents, and how each message ended. */
export default function WebhooksPage() {
  const client = useQueryClient()
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['webhooks'],
    queryFn: ({ signal }) => request('GET /webhooks', { signal }),
  })
  const { agencyName } = useAgencies()
  const [open, setOpen] = useState<{ what: 'add' } | { what: 'log' | 'remove'; webhook: Webhook } | null>(null)
  const [secret, setSecret] = useState<Secret | null>(null)
  const again = (): void => void client.invalidateQueries({ queryKey: ['webhooks'] })
  const rotate = ({ id, url }: Webhook): void => {
    request('POST /webhooks/{id}/secret', { params: { id } }).then(
      ({ secret: text }) => setSecret({ title: t('webhook.secret', { url }), text }),
      toastProblem,
    )
  }
  const remove = async ({ id }: Webhook): Promise<void> => {
    setOpen(null)
    await request('DELETE /webhooks/{id}', { params: { id } }).then(() => toast(t('webhook.removed')), toastProblem)
    again()
  }
  return (
    <Tabbed
      tab="tab.webhooks"
      beside={
        <Button size="xs" leftSection={<Icon name="plus" size={15} />} onClick={() => setOpen({ what: 'add' })}>
          {t('webhook.add')}
        </Button>
      }
    >
      <p className={classes.intro}>{t('webhook.intro')}</p>
      {isPending && <Loading />}
      {error !== null && <Failure error={error} retry={() => void refetch()} />}
      {data?.items.length === 0 && <Empty icon="link" title={t('webhook.none')} />}
      {data !== undefined && data.items.length > 0 && (
        <TableBox label={t('tab.webhooks')}>
          <Table heads={[t('webhook.url'), t('agencies'), t('webhook.codes'), t('webhook.made'), t('acts')]}>
            {data.items.map((webhook) => (
              <tr key={webhook.id}>
                <th scope="row" className={classes.wide}>
                  {visible(webhook.url)}
                </th>
                <td className={classes.wide}>
                  {webhook.agencies === 'all' ? t('agencies.all') : webhook.agencies.map(agencyName).join(', ')}
                </td>
                <td className={classes.wide}>{webhook.codes.join(', ') || t('webhook.codes_all')}</td>
                <td>
                  {webhook.createdBy} · <Time at={webhook.createdAt} />
                </td>
                <td className={classes.acts}>
                  <Button size="compact-xs" variant="default" onClick={() => setOpen({ what: 'log', webhook })}>
                    {t('webhook.log')}
                  </Button>
                  <Button size="compact-xs" variant="default" onClick={() => rotate(webhook)}>
                    {t('webhook.rotate')}
                  </Button>
                  <Button size="compact-xs" variant="default" onClick={() => setOpen({ what: 'remove', webhook })}>
                    {t('webhook.remove')}
                  </Button>
                </td>
              </tr>
            ))}
          </Table>
        </TableBox>
      )}
      {open?.what === 'add' && (
        <AddDialog
          close={() => setOpen(null)}
          added={({ url, secret: text }) => {
            again()
            setSecret({ title: t('webhook.secret', { url }), text })
          }}
        />
      )}
      {open?.what === 'log' && <LogDialog webhook={open.webhook} close={() => setOpen(null)} />}
      {open?.what === 'remove' && (
        <FormDialog title={t('webhook.remove')} close={() => setOpen(null)} submit={() => void remove(open.webhook)}>
          <p>{t('webhook.remove_means', { url: visible(open.webhook.url) })}</p>
        </FormDialog>
      )}
      {secret !== null && <SecretDialog secret={secret} close={() => setSecret(null)} />}
    </Tabbed>
  )
}

function AddDialog({ close, added }: { close: () => void; added: (webhook: Answer<'POST /webhooks'>) => void }) {
  const { agencies, agencyName } = useAgencies()
  const [url, setUrl] = useState('')
  const [only, setOnly] = useState<string[]>([])
  const add = async (): Promise<void> => {
    try {
      const made = await request('POST /webhooks', {
        body: { url: url.trim(), agencies: only.length === 0 ? ('all' as const) : only },
      })
      close()
      added(made)
    } catch (error) {
      toastProblem(error)
    }
  }
  return (
    <FormDialog title={t('webhook.add')} close={close} submit={() => void add()}>
      <TextInput
        type="url"
        label={t('webhook.url')}
        required
        data-autofocus
        maxLength={2_000}
        value={url}
        onChange={({ currentTarget: { value } }) => setUrl(value)}
      />
      <MultiSelect
        label={t('agencies')}
        placeholder={only.length === 0 ? t('agencies.all') : ''}
        searchable
        value={only}
        onChange={setOnly}
        data={agencies.map(({ key }) => ({ value: key, label: agencyName(key) }))}
      />
    </FormDialog>
  )
}

function LogDialog({ webhook: { id, url }, close }: { webhook: Webhook; close: () => void }) {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['webhooks', id, 'deliveries'],
    queryFn: ({ signal }) => request('GET /webhooks/{id}/deliveries', { params: { id }, signal }),
  })
  const again = (delivery: string): void => {
    request('POST /webhooks/{id}/deliveries/{delivery}/redeliver', { params: { id, delivery } })
      .then(() => toast(t('webhook.redelivered')), toastProblem)
      .finally(() => void refetch())
  }
  return (
    <Modal
      opened
      onClose={close}
      size="xl"
      title={t('webhook.log_of', { url: visible(url) })}
      closeButtonProps={{ 'aria-label': w('close') }}
    >
      {isPending && <Loading />}
      {error !== null && <Failure error={error} retry={() => void refetch()} />}
      {data?.items.length === 0 && <p className={classes.note}>{t('webhook.log_none')}</p>}
      <ul className={classes.log}>
        {data?.items.map((delivery) => (
          <li key={delivery.id}>
            <Time at={delivery.at} seconds /> ·{' '}
            <span className={delivery.state === 'failed' ? classes.bad : undefined}>
              {t(`webhook.${delivery.state}`)}
            </span>{' '}
            · {t('notify.attempts', { n: delivery.attempts })}
            {delivery.status !== undefined && ` · HTTP ${delivery.status}`}
            {delivery.error !== undefined && ` · ${visible(delivery.error)}`}{' '}
            {delivery.state !== 'pending' && (
              <Button size="compact-xs" variant="default" onClick={() => again(delivery.id)}>
                {t('webhook.redeliver')}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Modal>
  )
}
