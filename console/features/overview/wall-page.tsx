import { useQuery } from '@tanstack/react-query'
import { useShortcuts } from '../../lib/keys.ts'
import { useGo } from '../../lib/location.ts'
import { useTitle } from '../../lib/title.ts'
import { Icon } from '../../ui/icon.tsx'
import { Failure, Loading } from '../../ui/states.tsx'
import { wallQuery } from './figures.ts'
import { t } from './messages.ts'
import { Wall } from './wall.tsx'

/** The wallboard for who is logged in; a screen that nobody is logged in at has the page of the kiosk. */
export default function WallPage() {
  const { data, error, isPending } = useQuery(wallQuery())
  const go = useGo()
  const leave = (): void => go('/overview')
  useTitle(t('wall'))
  useShortcuts({ heading: t('wall'), shortcuts: [{ keys: 'Escape', label: t('wall.leave'), run: leave }] })
  return (
    <Wall
      figures={data}
      beside={
        <button type="button" onClick={leave} aria-label={t('wall.leave')} title={t('wall.leave')}>
          <Icon name="close" size={22} />
        </button>
      }
    >
      {isPending && <Loading />}
      {error !== null && <Failure error={error} />}
    </Wall>
  )
}
