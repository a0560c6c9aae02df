import { expect, test } from 'vitest'
import { eventOf, loadLine } from './line.ts'

// Lines of our own in the makers' documented shapes; received at 10:30 on 12 May 2026 in Hải Dương.
const line = await loadLine()
const TIME = '2026-05-12T02:59:58.000Z'
const json = (value: unknown): string => JSON.stringify(value)

test.each<[name: string, text: string, fields: { [field: string]: unknown }]>([
  [
    'Exchange: a message received',
    '2026-05-12T02:59:58.000Z,203.0.113.9,mail.example.com,10.10.1.25,EX01,08DA;2026-05-12T02:59:57.000Z;0,EX01\\Default Frontend EX01,SMTP,RECEIVE,4711,<a1@example.com>,6f1c,lan@tinh.vn;ha@tinh.vn,,20480,2,,,"Thư mời, họp ""khẩn""",gia-danh@example.com,gia-danh@example.com,0cI:,Incoming,,203.0.113.9,10.10.1.25,S:x=1,Email,9b1d,15.02.1118.012',
    {
      '@timestamp': TIME,
      'event.dataset': 'microsoft_exchange_server.messagetracking',
      'event.action': 'receive',
      'event.category': ['email'],
      'source.ip': '203.0.113.9',
      'destination.ip': '10.10.1.25',
      'email.subject': 'Thư mời, họp "khẩn"',
      'email.from.address': ['gia-danh@example.com'],
      'email.to.address': ['lan@tinh.vn', 'ha@tinh.vn'],
      'email.message_id': 'a1@example.com',
      'email.direction': 'inbound',
    },
  ],
  [
    'Zimbra audit: a log-in refused, behind a proxy, with an agent that names another address',
    '2026-05-12 09:59:58,000 WARN  [qtp509-12:https://10.1.1.1:8443/service/soap/AuthRequest] [name=lan@tinh.vn;ip=10.1.1.1;oip=203.0.113.9;ua=Mozilla (x) oip=198.51.100.1;soapId=1f;] security - cmd=Auth; account=lan@tinh.vn; protocol=soap; error=authentication failed for [lan@tinh.vn], invalid password;',
    {
      '@timestamp': TIME,
      'event.dataset': 'zimbra.audit',
      'event.action': 'Auth',
      'event.outcome': 'failure',
      'event.category': ['authentication', 'email'],
      'source.ip': '203.0.113.9',
      'user.name': 'lan',
      'user.domain': 'tinh.vn',
      'user_agent.original': 'Mozilla (x) oip=198.51.100.1',
      'zimbra.protocol': 'soap',
    },
  ],
  [
    'Zimbra mailbox: with a stack trace',
    '2026-05-12 09:59:58,000 ERROR [qtp509-12] [name=lan@tinh.vn;mid=7;oip=203.0.113.9;] soap - handler exception\ncom.zimbra.common.service.ServiceException: x\n\tat a.b(C.java:1)',
    {
      'event.dataset': 'zimbra.mailbox',
      'event.type': ['error'],
      'source.ip': '203.0.113.9',
      message: 'handler exception',
      'error.stack_trace': 'com.zimbra.common.service.ServiceException: x\n\tat a.b(C.java:1)',
    },
  ],
  [
    'Zimbra proxy',
    '203.0.113.9:50112 - - [12/May/2026:09:59:58 +0700]  "POST /service/soap/AuthRequest HTTP/1.1" 500 512 "-" "zclient/8" "10.1.1.1:8443" "10.1.1.9:443"',
    {
      '@timestamp': TIME,
      'event.dataset': 'zimbra.access',
      'source.ip': '203.0.113.9',
      'source.port': 50_112,
      'http.response.status_code': 500,
      'zimbra.access.upstream': '10.1.1.1:8443',
    },
  ],
  [
    'Kaspersky Security Center as CEF',
    'CEF:0|KasperskyLab|SecurityCenter|14.2.0|GNRL_EV_VIRUS_FOUND_AND_BLOCKED|Malicious object found|4|msg=x rt=1778554798000 dhost=PC7 dst=10.20.5.77 filePath=C:\\\\Users\\\\lan\\\\a.exe cs1Label=VirusName cs1=EICAR-Test-File',
    {
      '@timestamp': TIME,
      'event.dataset': 'cef.log',
      'event.action': 'malware-blocked',
      'event.category': ['malware'],
      'event.outcome': 'success',
      'rule.name': 'EICAR-Test-File',
      'file.name': 'a.exe',
      'host.name': 'pc7',
      'host.ip': '10.20.5.77',
    },
  ],
  [
    'Kaspersky Security Center as LEEF',
    'LEEF:1.0|KasperskyLab|SecurityCenter|14.2.0|GNRL_EV_ATTACK_DETECTED|cat=x\tdst=10.20.5.77\tdhost=PC7',
    {
      'event.dataset': 'leef.log',
      'event.action': 'network-attack-detected',
      'event.category': ['intrusion_detection'],
    },
  ],
  [
    'Trend Micro Apex Central',
    'CEF:0|Trend Micro|Apex Central|2019|AV:File quarantined|Troj_Generic|3|dhost=PC7 dst=10.20.5.77 filePath=C:\\\\a\\\\b.exe fname=b.exe cs1Label=VirusName cs1=TROJ_GENERIC',
    {
      'event.dataset': 'cef.log',
      'event.action': 'malware-detected',
      'rule.name': 'TROJ_GENERIC',
      'file.name': 'b.exe',
      'host.name': 'pc7',
    },
  ],
  [
    'a Windows event as XML: a Sysmon process',
    `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Sysmon' Guid='{5770385f}'/><EventID>1</EventID><Level>4</Level><Keywords>0x8000000000000000</Keywords><TimeCreated SystemTime='2026-05-12T02:59:58.1234567Z'/><EventRecordID>9</EventRecordID><Execution ProcessID='4' ThreadID='5'/><Channel>Microsoft-Windows-Sysmon/Operational</Channel><Computer>PC7.tinh.vn</Computer><Security UserID='S-1-5-18'/></System><EventData><Data Name='UtcTime'>2026-05-12 02:59:58.000</Data><Data Name='Image'>C:\\Windows\\cmd.exe</Data><Data Name='CommandLine'>cmd /c &quot;a &amp;&amp; b&quot; x</Data><Data Name='Hashes'>SHA256=AB,IMPHASH=00</Data></EventData></Event>`,
    {
      '@timestamp': TIME,
      'event.dataset': 'windows.sysmon_operational',
      'event.code': '1',
      'process.name': 'cmd.exe',
      'process.command_line': 'cmd /c "a && b" x',
      'process.args': ['cmd', '/c', 'a && b', 'x'],
      'host.name': 'PC7.tinh.vn',
      'related.hash': ['ab'],
      'log.level': 'information',
    },
  ],
  [
    'Sysmon for Linux: XML in syslog',
    '<14>May 12 09:59:58 web1 sysmon: <Event><System><Provider Name="Linux-Sysmon" Guid="{ff032593}"/><EventID>5</EventID><TimeCreated SystemTime="2026-05-12T02:59:58.000Z"/><EventRecordID>24</EventRecordID><Channel>Linux-Sysmon/Operational</Channel><Computer>web1</Computer></System><EventData><Data Name="Image">/usr/bin/curl</Data><Data Name="ProcessId">783</Data></EventData></Event>',
    {
      '@timestamp': TIME,
      'event.dataset': 'sysmon_linux.log',
      'event.type': ['end'],
      'process.executable': '/usr/bin/curl',
      'process.pid': 783,
      'host.os.type': 'linux',
    },
  ],
  [
    'a Windows event as evtx_dump prints it',
    json({
      Event: {
        System: {
          Provider: { '#attributes': { Name: 'Microsoft-Windows-Security-Auditing' } },
          EventID: 4625,
          Channel: 'Security',
          Computer: 'DC1',
          EventRecordID: 7,
          TimeCreated: { '#attributes': { SystemTime: '2026-05-12T02:59:58.000000Z' } },
        },
        EventData: { TargetUserName: 'lan', IpAddress: '203.0.113.9', LogonType: 3, SubjectUserName: '-' },
      },
    }),
    {
      '@timestamp': TIME,
      'event.dataset': 'windows.security',
      'event.action': 'logon-failed',
      'event.outcome': 'failure',
      'user.name': 'lan',
      'source.ip': '203.0.113.9',
      'winlog.logon.type': 'Network',
    },
  ],
  [
    'SQL Server audit in the Security channel: a statement names no other user',
    json({
      '@timestamp': '2026-05-12T02:59:59.000Z',
      winlog: {
        channel: 'Security',
        event_id: 33_205,
        computer_name: 'DB1',
        event_data: {
          param1:
            'audit_schema_version:1\nevent_time:2026-05-12 02:59:58.0000000\naction_id:SL  \nsucceeded:true\nserver_principal_name:TINH\\lan\nserver_principal_sid:01\nstatement:select 1\nserver_principal_name:TINH\\khac\nadditional_information:\nhost_name:PC7',
        },
      },
    }),
    {
      '@timestamp': TIME,
      'event.dataset': 'microsoft_sqlserver.audit',
      'event.action': 'select',
      'event.outcome': 'success',
      'user.name': 'lan',
      'user.domain': 'TINH',
      'sqlserver.audit.host_name': 'PC7',
    },
  ],
  [
    'Windows remote desktop: a session',
    json({
      '@timestamp': TIME,
      winlog: {
        channel: 'Microsoft-Windows-TerminalServices-LocalSessionManager/Operational',
        event_id: 21,
        computer_name: 'SRV1',
        user_data: { User: 'TINH\\lan', SessionID: '2', Address: '203.0.113.9' },
      },
    }),
    { 'event.action': 'logged-in', 'event.outcome': 'success', 'user.name': 'lan', 'source.ip': '203.0.113.9' },
  ],
])('%s', (_, text, fields) => {
  expect(eventOf(line(text))).toMatchObject(fields)
})

test('XML that begins as a Windows event and is none is refused', () => {
  expect(line('<Event><System><EventID>1</System></Event>')).toMatchObject({
    kind: 'dead',
    letter: { code: 'bad_xml' },
  })
})
