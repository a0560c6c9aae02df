import { Button } from '@mantine/core'
import { Empty } from '../ui/states.tsx'
import { t } from './messages.ts'

/** No page of that address. */
export function Missing() {
  return (
    <Empty icon="search" title={t('page.missing')}>
      {t('page.missing_hint')}
    </Empty>
  )
}

/** A page that threw: what it was stands in the browser's console, for whoever mends it. */
export function Broken() {
  return (
    <div role="alert">
      <Empty icon="alert" title={t('page.broken')}>
        <Button size="xs" variant="default" onClick={() => location.reload()}>
          {t('page.reload')}
        </Button>
      </Empty>
    </div>
  )
}
