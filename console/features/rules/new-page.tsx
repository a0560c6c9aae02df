import { useState } from 'react'
import { useMe } from '../../api/session.ts'
import { useGo } from '../../lib/location.ts'
import { RuleDesk } from './rule-desk.tsx'

/** A rule that there is not yet. */
export default function NewPage() {
  const { displayName } = useMe()
  const go = useGo()
  const [text] = useState(() => template(displayName))
  return <RuleDesk text={text} saved={(id) => go(`/rules/${encodeURIComponent(id)}`)} />
}

function template(author: string): string {
  const today = new Date().toLocaleDateString('sv-SE', { timeZone: 'Asia/Ho_Chi_Minh' }) // YYYY-MM-DD
  return `title: New Rule
title_vi: Luật mới
id: ${uuid()}
status: experimental
description: What it sees, and why that is bad.
description_vi: Luật này thấy điều gì, vì sao điều đó xấu.
triage_vi: Xem gì trước tiên.
author: ${JSON.stringify(author)}
date: ${today}
tags:
    - attack.credential-access
    - attack.t1110
logsource:
    product: linux
    service: sshd
detection:
    selection:
        event.action: ssh_login
        event.outcome: failure
    condition: selection
falsepositives:
    - Whom it hits who means no harm
level: medium
`
}

/** Version 4, also where the page did not come over TLS and `crypto.randomUUID` is missing. */
function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
