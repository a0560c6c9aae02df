import { Button, MultiSelect, NativeSelect, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useAgencies } from '../../api/agencies.ts'
import { type Answer, request } from '../../api/request.ts'
import { Icon } from '../../ui/icon.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { Table, TableBox } from '../../ui/table.tsx'
import { toast, toastProblem } from '../../ui/toasts.tsx'
import { t as w } from '../../ui/words.ts'
import classes from './administration.module.css'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { t } from './messages.ts'
import { type Secret, SecretDialog } from './secret.tsx'
import { Tabbed } from './tabs.tsx'

type User = Answer<'GET /users'>['items'][number]

const ROLES: readonly User['role'][] = [
  'analyst_l1',
  'analyst',
  'lead',
  'detection_engineer',
  'agency_sysadmin',
  'agency_viewer',
  'auditor',
  'administrator',
]

type Change = Parameters<typeof request<'PATCH /users/{name}'>>[1]['body']

/** Who may log in, as what, for which agencies. */
export default function UsersPage() {
  const client = useQueryClient()
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['users'],
    queryFn: ({ signal }) => request('GET /users', { signal }),
  })
  const { agencyName } = useAgencies()
  const [adding, setAdding] = useState(false)
  const [secret, setSecret] = useState<Secret | null>(null)
  const tell = (name: string, password: string | undefined): void => {
    void client.invalidateQueries({ queryKey: ['users'] })
    if (password === undefined) toast(t('user.changed', { name }))
    else setSecret({ title: t('secret.password', { name }), text: password })
  }
  const change = ({ name }: User, body: Change): void => {
    request('PATCH /users/{name}', { params: { name }, body }).then(
      ({ password }) => tell(name, password),
      toastProblem,
    )
  }
  return (
    <Tabbed
      tab="tab.users"
      beside={
        <Button size="xs" leftSection={<Icon name="plus" size={15} />} onClick={() => setAdding(true)}>
          {t('user.add')}
        </Button>
      }
    >
      {isPending && <Loading />}
      {error !== null && <Failure error={error} retry={() => void refetch()} />}
      {data !== undefined && (
        <TableBox label={t('tab.users')}>
          <Table heads={[t('name'), t('displayName'), t('role'), t('agencies'), t('state'), t('acts')]}>
            {data.items.map((user) => (
              <tr key={user.name}>
                <th scope="row">{user.name}</th>
                <td>{user.displayName}</td>
                <td className={classes.role}>
                  <NativeSelect
                    size="xs"
                    aria-label={`${t('role')}: ${user.name}`}
                    value={user.role}
                    onChange={({ currentTarget: { value } }) =>
                      change(user, { role: ROLES.find((role) => role === value) ?? user.role })
                    }
                    data={ROLES.map((role) => ({ value: role, label: w(`role.${role}`) }))}
                  />
                </td>
                <td className={classes.wide}>
                  {user.agencies === 'all' ? t('agencies.all') : user.agencies.map(agencyName).join(', ')}
                </td>
                <td>{t(user.disabled ? 'state.disabled' : user.mustChange ? 'state.must_change' : 'state.active')}</td>
                <td className={classes.acts}>
                  <Button size="compact-xs" variant="default" onClick={() => change(user, { resetPassword: true })}>
                    {t('user.reset')}
                  </Button>
                  <Button size="compact-xs" variant="default" onClick={() => change(user, { resetSecondFactor: true })}>
                    {t('user.reset_factor')}
                  </Button>
                  <Button
                    size="compact-xs"
                    variant="default"
                    onClick={() => change(user, { disabled: !user.disabled })}
                  >
                    {t(user.disabled ? 'user.enable' : 'user.disable')}
                  </Button>
                </td>
              </tr>
            ))}
          </Table>
        </TableBox>
      )}
      {adding && <AddDialog close={() => setAdding(false)} added={tell} />}
      {secret !== null && <SecretDialog secret={secret} close={() => setSecret(null)} />}
    </Tabbed>
  )
}

function AddDialog({ close, added }: { close: () => void; added: (name: string, password: string) => void }) {
  const { agencies, agencyName } = useAgencies()
  const [name, setName] = useState('')
  const [displayName, setDisplayName] = useState('')
  const [role, setRole] = useState<User['role']>('analyst_l1')
  const [only, setOnly] = useState<string[]>([])
  const add = async (): Promise<void> => {
    const body = { name, displayName, role, agencies: only.length === 0 ? ('all' as const) : only }
    try {
      const { password } = await request('POST /users', { body })
      close()
      added(name, password)
    } catch (error) {
      toastProblem(error)
    }
  }
  return (
    <FormDialog title={t('user.add')} close={close} submit={() => void add()}>
      <TextInput
        label={t('name')}
        required
        data-autofocus
        pattern="[a-z][a-z0-9._\-]{1,63}"
        value={name}
        onChange={({ currentTarget: { value } }) => setName(value)}
      />
      <TextInput
        label={t('displayName')}
        required
        value={displayName}
        onChange={({ currentTarget: { value } }) => setDisplayName(value)}
      />
      <NativeSelect
        label={t('role')}
        value={role}
        onChange={({ currentTarget: { value } }) => setRole(ROLES.find((known) => known === value) ?? role)}
        data={ROLES.map((known) => ({ value: known, label: w(`role.${known}`) }))}
      />
      <MultiSelect
        label={t('agencies')}
        description={t('agencies.note')}
        searchable
        value={only}
        onChange={setOnly}
        data={agencies.map(({ key }) => ({ value: key, label: agencyName(key) }))}
      />
    </FormDialog>
  )
}
