import { Button, Modal, MultiSelect, NativeSelect, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useAgencies } from '../../api/agencies.ts'
import { type Answer, request } from '../../api/request.ts'
import { Icon } from '../../ui/icon.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { Table, TableBox } from '../../ui/table.tsx'
import { Time } from '../../ui/time.tsx'
import { toast, toastProblem } from '../../ui/toasts.tsx'
import { t as w } from '../../ui/words.ts'
import classes from './administration.module.css'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { t } from './messages.ts'
import { type Secret, SecretDialog } from './secret.tsx'
import { Tabbed } from './tabs.tsx'

type Token = Answer<'GET /tokens'>['items'][number]
type Scopes = NonNullable<Parameters<typeof request<'POST /tokens'>>[1]['body']['scopes']>

/** What a program that reads and answers may be given; the server knows more. */
const SCOPES: Scopes = [
  'incidents:read',
  'incidents:comment',
  'incidents:write',
  'events:read',
  'events:export',
  'rules:read',
  'sources:read',
  'agencies:read',
  'metrics:read',
  'audit:read',
  'reports:read',
  'blocklists:read',
]

/** What a token is for; a wallboard's is an API token with the one scope that goes alone. */
const USES = ['ingest', 'api', 'wall'] as const
type Use = (typeof USES)[number]
const WALL: Scopes = ['wall:read']

function purposeOf({ kind, scopes }: Token): Use {
  return scopes.join() === WALL.join() ? 'wall' : kind
}

/** Programs that may send or ask. */
export default function TokensPage() {
  const client = useQueryClient()
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['tokens'],
    queryFn: ({ signal }) => request('GET /tokens', { signal }),
  })
  const { agencyName } = useAgencies()
  const [adding, setAdding] = useState(false)
  const [revoking, setRevoking] = useState<Token | null>(null)
  const [secret, setSecret] = useState<Secret | null>(null)
  const again = (): void => void client.invalidateQueries({ queryKey: ['tokens'] })
  const revoke = async ({ id, name }: Token): Promise<void> => {
    setRevoking(null)
    try {
      await request('DELETE /tokens/{id}', { params: { id } })
      toast(t('token.revoked', { name }))
      again()
    } catch (problem) {
      toastProblem(problem)
    }
  }
  return (
    <Tabbed
      tab="tab.tokens"
      beside={
        <Button size="xs" leftSection={<Icon name="plus" size={15} />} onClick={() => setAdding(true)}>
          {t('token.add')}
        </Button>
      }
    >
      {isPending && <Loading />}
      {error !== null && <Failure error={error} retry={() => void refetch()} />}
      {data?.items.length === 0 && <Empty title={t('empty')} />}
      {data !== undefined && data.items.length > 0 && (
        <TableBox label={t('tab.tokens')}>
          <Table
            heads={[
              t('token.name'),
              t('token.kind'),
              t('agencies'),
              t('token.scopes'),
              t('token.created'),
              t('token.used'),
              t('token.expires'),
              t('acts'),
            ]}
          >
            {data.items.map((token) => (
              <tr key={token.id}>
                <th scope="row">{token.name}</th>
                <td>{t(`token.kind.${purposeOf(token)}`)}</td>
                <td className={classes.wide}>
                  {token.agencies === 'all' ? t('agencies.all') : token.agencies.map(agencyName).join(', ')}
                </td>
                <td className={classes.wide}>{token.scopes.join(', ')}</td>
                <td>
                  <Time at={token.createdAt} />
                </td>
                <td>{token.lastUsedAt === undefined ? w('nothing') : <Time at={token.lastUsedAt} />}</td>
                <td>{token.expiresAt === undefined ? t('token.never') : <Time at={token.expiresAt} />}</td>
                <td className={classes.acts}>
                  <Button size="compact-xs" variant="default" onClick={() => setRevoking(token)}>
                    {t('token.revoke')}
                  </Button>
                </td>
              </tr>
            ))}
          </Table>
        </TableBox>
      )}
      {revoking !== null && (
        <Modal
          opened
          onClose={() => setRevoking(null)}
          title={t('token.revoke')}
          closeButtonProps={{ 'aria-label': w('close') }}
        >
          <p>{t('token.confirm', { name: revoking.name })}</p>
          <div className={classes.buttons}>
            <Button variant="default" onClick={() => setRevoking(null)} data-autofocus>
              {w('cancel')}
            </Button>
            <Button color="red" onClick={() => void revoke(revoking)}>
              {t('token.revoke')}
            </Button>
          </div>
        </Modal>
      )}
      {adding && (
        <AddDialog
          close={() => setAdding(false)}
          made={(name, use, text) => {
            again()
            setSecret(
              use === 'wall'
                ? { title: t('secret.wall', { name }), text: `${location.origin}/kiosk#${text}` }
                : { title: t('secret.token', { name }), text },
            )
          }}
        />
      )}
      {secret !== null && <SecretDialog secret={secret} close={() => setSecret(null)} />}
    </Tabbed>
  )
}

function AddDialog({ close, made }: { close: () => void; made: (name: string, use: Use, text: string) => void }) {
  const { agencies, agencyName } = useAgencies()
  const [name, setName] = useState('')
  const [use, setUse] = useState<Use>('ingest')
  const [agency, setAgency] = useState('')
  const [only, setOnly] = useState<string[]>([])
  const [scopes, setScopes] = useState<Scopes>([])
  const choices = agencies.map(({ key }) => ({ value: key, label: agencyName(key) }))
  const add = async (): Promise<void> => {
    const body =
      use === 'ingest'
        ? { kind: use, name, agency }
        : {
            kind: 'api' as const,
            name,
            agencies: only.length === 0 ? ('all' as const) : only,
            scopes: use === 'wall' ? WALL : scopes,
          }
    try {
      const { token } = await request('POST /tokens', { body })
      close()
      made(name, use, token)
    } catch (error) {
      toastProblem(error)
    }
  }
  return (
    <FormDialog title={t('token.add')} close={close} submit={() => void add()}>
      <TextInput
        label={t('token.name')}
        required
        data-autofocus
        value={name}
        onChange={({ currentTarget: { value } }) => setName(value)}
      />
      <NativeSelect
        label={t('token.kind')}
        value={use}
        onChange={({ currentTarget: { value } }) => setUse(USES.find((each) => each === value) ?? 'ingest')}
        data={USES.map((value) => ({ value, label: t(`token.kind.${value}`) }))}
      />
      {use === 'ingest' ? (
        <NativeSelect
          label={t('token.agency')}
          required
          value={agency}
          onChange={({ currentTarget: { value } }) => setAgency(value)}
          data={[{ value: '', label: '' }, ...choices]}
        />
      ) : (
        <>
          {use === 'wall' ? (
            <p className={classes.note}>{t('token.wall_means')}</p>
          ) : (
            <MultiSelect
              label={t('token.scopes')}
              required
              value={scopes}
              onChange={(values) => setScopes(SCOPES.filter((scope) => values.includes(scope)))}
              data={SCOPES}
            />
          )}
          <MultiSelect label={t('agencies')} searchable value={only} onChange={setOnly} data={choices} />
        </>
      )}
    </FormDialog>
  )
}
