import { FocusTrap } from '@mantine/core'
import type { ReactNode } from 'react'
import icon from './icon.svg'
import { currentLanguage, setLanguage } from '../lib/language.ts'
import classes from './gate.module.css'
import { t } from './words.ts'

/** A card in the middle: alone, or as a dialog over the page. */
export function GateCard({ over, label, children }: { over: boolean; label: string; children: ReactNode }) {
  const other = currentLanguage() === 'vi' ? 'en' : 'vi'
  const card = (
    <div className={classes.card}>
      {children}
      <button type="button" className={classes.language} lang={other} onClick={() => setLanguage(other)}>
        {t('language.other')}
      </button>
    </div>
  )
  if (!over) return <main className={classes.ground}>{card}</main>
  return (
    <FocusTrap>
      <div className={`${classes.ground} ${classes.over}`} role="dialog" aria-modal="true" aria-label={label}>
        {card}
      </div>
    </FocusTrap>
  )
}

export function Brand() {
  return (
    <div className={classes.brand}>
      <img src={icon} alt="" width={44} height={44} />
      <div>
        <strong>{t('name')}</strong>
        <span>{t('subtitle')}</span>
      </div>
    </div>
  )
}
