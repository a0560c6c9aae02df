import { Button } from '@mantine/core'
import { addressOf } from '../../api/request.ts'
import { useMay } from '../../api/session.ts'
import { currentLanguage } from '../../lib/language.ts'
import { Icon } from '../../ui/icon.tsx'
import { Panel } from '../../ui/panel.tsx'
import { t } from './incident-messages.ts'
import classes from './side.module.css'

const FORMATS = ['pdf', 'docx', 'stix', 'csv'] as const

/** The incident as files for people outside the console; each that is taken is an entry of the audit. */
export default function ReportsPanel({ id }: { id: string }) {
  const mayReveal = useMay('personal:reveal')
  if (!useMay('reports:read')) return null
  return (
    <Panel title={t('reports.title')} icon="download" className={classes.screen}>
      <div className={classes.buttons}>
        {FORMATS.map((format) => (
          <Button
            key={format}
            component="a"
            size="compact-sm"
            variant="default"
            title={t(`reports.${format}`)}
            href={addressOf('GET /incidents/{id}/report', {
              params: { id },
              query: { format, lang: currentLanguage() },
            })}
            download
          >
            {format.toUpperCase()}
          </Button>
        ))}
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<Icon name="print" size={14} />}
          onClick={() => print()}
        >
          {t('reports.print')}
        </Button>
      </div>
      {mayReveal && (
        <>
          <Button
            component="a"
            mt="xs"
            size="compact-sm"
            variant="default"
            leftSection={<Icon name="download" size={14} />}
            href={addressOf('GET /incidents/{id}/evidence', { params: { id } })}
            download
          >
            {t('reports.evidence')}
          </Button>
          <p className={classes.quiet}>{t('reports.evidence_hint')}</p>
        </>
      )}
    </Panel>
  )
}
