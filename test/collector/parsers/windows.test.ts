import { expect, test } from 'vitest'
import { eventOf, loadLine } from './line.ts'

const line = await loadLine()

const winlogbeat = (channel: string, id: number, data: object, more: object = {}): string =>
  JSON.stringify({
    '@timestamp': '2026-05-12T02:59:58.123Z',
    event: { code: id, provider: 'x', original: '<Event/>', outcome: undefined },
    host: { name: 'DC1' },
    agent: { type: 'winlogbeat' },
    message: 'rendered text',
    winlog: {
      channel,
      event_id: id,
      provider_name: 'Microsoft-Windows-Security-Auditing',
      computer_name: 'DC1.tinh.vn',
      record_id: 4711,
      keywords: ['Audit Success'],
      event_data: data,
      ...more,
    },
  })
const nxlog = (id: number, more: object): string =>
  JSON.stringify({
    EventTime: '2026-05-12 09:59:58',
    Hostname: 'PC7',
    Keywords: '-9218868437227405312',
    EventType: 'AUDIT_FAILURE',
    SeverityValue: 4,
    Severity: 'ERROR',
    EventID: id,
    SourceName: 'Microsoft-Windows-Security-Auditing',
    RecordNumber: 12,
    ProcessID: 700,
    Channel: 'Security',
    EventReceivedTime: '2026-05-12 10:00:00',
    SourceModuleName: 'in',
    ...more,
  })

test.each<[string, string, object]>([
  [
    'a packet that the Filtering Platform has blocked',
    winlogbeat('Security', 5152, {
      ProcessId: '4',
      Application: '-',
      Direction: '%%14592',
      SourceAddress: '203.0.113.9',
      SourcePort: '51234',
      DestAddress: '10.30.1.5',
      DestPort: '445',
      Protocol: '6',
    }),
    {
      'event.type': ['connection', 'denied'],
      'network.direction': 'inbound',
      'network.transport': 'tcp',
      'source.ip': '203.0.113.9',
      'destination.port': 445,
    },
  ],
  [
    'who asked for the groups of an account',
    winlogbeat('Security', 4798, {
      TargetUserName: 'quantri',
      SubjectUserName: 'lan',
      CallerProcessId: '0x1f4',
      CallerProcessName: 'C:\\Windows\\System32\\net1.exe',
    }),
    { 'user.name': 'lan', 'user.target.name': 'quantri', 'process.name': 'net1.exe', 'process.pid': 500 },
  ],
  [
    'Winlogbeat 4624',
    winlogbeat('Security', 4624, {
      SubjectUserName: 'DC1$',
      TargetUserName: 'lan',
      TargetDomainName: 'TINH',
      TargetUserSid: 'S-1-5-21-1',
      LogonType: '10',
      IpAddress: '::ffff:203.0.113.9',
      IpPort: '4711',
      WorkstationName: 'PC7',
      ProcessName: '-',
      'Key Length': '0',
    }),
    {
      '@timestamp': '2026-05-12T02:59:58.123Z',
      'event.dataset': 'windows.security',
      'event.module': 'windows',
      'event.code': '4624',
      'event.action': 'logged-in',
      'event.category': ['authentication'],
      'event.type': ['start'],
      'event.outcome': 'success',
      'user.name': 'lan',
      'user.domain': 'TINH',
      'user.id': 'S-1-5-21-1',
      'source.ip': '203.0.113.9',
      'source.port': 4711,
      'source.domain': 'PC7',
      'host.hostname': 'DC1.tinh.vn',
      'host.name': 'DC1.tinh.vn',
      'winlog.logon.type': 'RemoteInteractive',
      'winlog.event_id': '4624',
      'winlog.record_id': '4711',
      'winlog.event_data.SubjectUserName': 'DC1$',
      'winlog.event_data.KeyLength': '0',
      message: 'rendered text',
    },
  ],
  [
    'NXLog 4625: local time, signed keywords',
    nxlog(4625, {
      TargetUserName: 'admin',
      Status: '0xC000006D',
      SubStatus: '0xC0000064',
      FailureReason: '%%2313',
      LogonType: '3',
      IpAddress: '203.0.113.9',
    }),
    {
      '@timestamp': '2026-05-12T02:59:58.000Z',
      'event.outcome': 'failure',
      'user.name': 'admin',
      'winlog.logon.failure.reason': 'Unknown user name or bad password',
      'winlog.logon.failure.status': 'Bad user name or password',
      'winlog.logon.failure.sub_status': 'User does not exist',
      'winlog.logon.type': 'Network',
      'winlog.computer_name': 'PC7',
      'winlog.process.pid': 700,
      'winlog.event_data.Status': '0xC000006D',
    },
  ],
  [
    'NXLog through syslog',
    `<13>May 12 10:00:00 pc7 nxlog: ${nxlog(4740, { TargetUserName: 'lan', SubjectUserName: 'DC1$' })}`,
    {
      'event.action': 'locked-out-user-account',
      'user.target.name': 'lan',
      'user.name': 'DC1$',
      'host.hostname': 'PC7',
    },
  ],
  [
    '4688',
    winlogbeat('Security', 4688, {
      NewProcessName: 'C:\\Windows\\System32\\whoami.exe',
      NewProcessId: '0x1f4',
      CommandLine: 'whoami /all',
      ParentProcessName: 'C:\\inetpub\\w3wp.exe',
      ProcessId: '0x10',
      SubjectUserName: 'iis',
    }),
    {
      'process.executable': 'C:\\Windows\\System32\\whoami.exe',
      'process.name': 'whoami.exe',
      'process.pid': 500,
      'process.command_line': 'whoami /all',
      'process.parent.executable': 'C:\\inetpub\\w3wp.exe',
      'process.parent.name': 'w3wp.exe',
      'process.parent.pid': 16,
      'user.name': 'iis',
    },
  ],
  [
    '4732: a member in a group',
    winlogbeat('Security', 4732, {
      MemberName: 'CN=Nguyen\\, Lan,OU=IT,DC=tinh',
      MemberSid: 'S-1-5-9',
      TargetUserName: 'Administrators',
      TargetSid: 'S-1-5-32-544',
      SubjectUserName: 'admin',
    }),
    {
      'event.action': 'added-member-to-group',
      'group.name': 'Administrators',
      'group.id': 'S-1-5-32-544',
      'user.target.name': 'Nguyen, Lan',
      'user.name': 'admin',
    },
  ],
  [
    '4720',
    winlogbeat('Security', 4720, { TargetUserName: 'kho', SubjectUserName: 'admin' }),
    { 'event.action': 'added-user-account', 'event.type': ['user', 'creation'], 'user.target.name': 'kho' },
  ],
  [
    '4771: Kerberos says why',
    winlogbeat('Security', 4771, {
      TargetUserName: 'lan@TINH',
      Status: '0x18',
      ServiceName: 'krbtgt',
      IpAddress: '203.0.113.9',
    }),
    { 'event.outcome': 'failure', 'user.name': 'lan', 'service.name': 'krbtgt', 'source.ip': '203.0.113.9' },
  ],
  [
    '4776: outcome from the status, not from the keywords',
    winlogbeat('Security', 4776, { TargetUserName: 'lan', Status: '0xc000006a', Workstation: '\\\\PC7' }),
    { 'event.outcome': 'failure', 'source.domain': 'PC7' },
  ],
  [
    '1102: data under user_data',
    winlogbeat('Security', 1102, {}, { user_data: { LogFileCleared: { SubjectUserName: 'lan' } } }),
    { 'event.action': 'audit-log-cleared', 'user.name': 'lan', 'winlog.event_data.SubjectUserName': 'lan' },
  ],
  [
    '5145',
    winlogbeat('Security', 5145, {
      IpAddress: '203.0.113.9',
      IpPort: '9',
      ShareName: '\\\\*\\ADMIN$',
      RelativeTargetName: 'psexesvc.exe',
      SubjectUserName: 'lan',
    }),
    {
      'event.category': ['network', 'file'],
      'source.ip': '203.0.113.9',
      'winlog.event_data.ShareName': '\\\\*\\ADMIN$',
    },
  ],
  [
    'a code nobody listed',
    winlogbeat('Security', 6423, { DeviceId: 'x' }),
    { 'event.dataset': 'windows.security', 'event.code': '6423', 'winlog.event_data.DeviceId': 'x' },
  ],
  [
    'Sysmon 1, flat',
    '{"EventID":1,"Image":"C:\\\\Temp\\\\a.exe","CommandLine":"a -x","ProcessId":"77","ProcessGuid":"{g}","ParentImage":"C:\\\\Windows\\\\explorer.exe","ParentProcessId":5,"ParentCommandLine":"e","User":"TINH\\\\lan","Hashes":"SHA256=AB,MD5=CD,IMPHASH=EF","UtcTime":"2026-05-12 02:59:58.001","Computer":"PC7"}',
    {
      '@timestamp': '2026-05-12T02:59:58.001Z',
      'event.dataset': 'windows.sysmon_operational',
      'winlog.channel': 'Microsoft-Windows-Sysmon/Operational',
      'event.category': ['process'],
      'event.type': ['start'],
      'process.executable': 'C:\\Temp\\a.exe',
      'process.name': 'a.exe',
      'process.pid': 77,
      'process.command_line': 'a -x',
      'process.parent.name': 'explorer.exe',
      'process.parent.pid': 5,
      'process.parent.command_line': 'e',
      'process.hash.sha256': 'ab',
      'process.hash.md5': 'cd',
      'process.pe.imphash': 'ef',
      'user.domain': 'TINH',
      'user.name': 'lan',
      'winlog.event_data.Image': 'C:\\Temp\\a.exe',
    },
  ],
  [
    'Defender, flat: data that NXLog would call the provider, and the time as an attribute',
    '{"EventID":1119,"Channel":"Microsoft-Windows-Windows Defender/Operational","Provider_Name":"Microsoft-Windows-Windows Defender","TimeCreated_SystemTime":"2026-05-12T02:59:58.001234Z","SourceName":"System","ThreatName":"Trojan:Win32/Made.Up"}',
    {
      '@timestamp': '2026-05-12T02:59:58.001Z',
      'winlog.provider_name': 'Microsoft-Windows-Windows Defender',
      'winlog.event_data.SourceName': 'System',
      'winlog.event_data.ThreatName': 'Trojan:Win32/Made.Up',
    },
  ],
  [
    'Sysmon 3',
    winlogbeat('Microsoft-Windows-Sysmon/Operational', 3, {
      Image: 'C:\\a.exe',
      Protocol: 'tcp',
      Initiated: 'true',
      SourceIp: '192.0.2.7',
      SourcePort: '50000',
      DestinationIp: '203.0.113.9',
      DestinationPort: '443',
      DestinationHostname: 'c2.example',
    }),
    {
      'network.direction': 'egress',
      'network.transport': 'tcp',
      'source.ip': '192.0.2.7',
      'destination.ip': '203.0.113.9',
      'destination.port': 443,
      'destination.domain': 'c2.example',
    },
  ],
  [
    'Sysmon 7',
    winlogbeat('Microsoft-Windows-Sysmon/Operational', 7, {
      Image: 'C:\\a.exe',
      ImageLoaded: 'C:\\Temp\\b.dll',
      Signed: 'false',
      Hashes: 'SHA1=AB',
    }),
    {
      'dll.path': 'C:\\Temp\\b.dll',
      'dll.name': 'b.dll',
      'dll.hash.sha1': 'ab',
      'file.path': 'C:\\Temp\\b.dll',
      'dll.code_signature.signed': false,
    },
  ],
  [
    'Sysmon 10',
    winlogbeat('Microsoft-Windows-Sysmon/Operational', 10, {
      SourceImage: 'C:\\a.exe',
      SourceProcessId: '9',
      TargetImage: 'C:\\Windows\\system32\\lsass.exe',
      GrantedAccess: '0x1410',
    }),
    {
      'event.type': ['access'],
      'process.executable': 'C:\\a.exe',
      'process.pid': 9,
      'winlog.event_data.TargetImage': 'C:\\Windows\\system32\\lsass.exe',
    },
  ],
  [
    'Sysmon 11',
    winlogbeat('Microsoft-Windows-Sysmon/Operational', 11, {
      Image: 'C:\\a.exe',
      TargetFilename: 'C:\\inetpub\\wwwroot\\x.aspx',
    }),
    {
      'file.path': 'C:\\inetpub\\wwwroot\\x.aspx',
      'file.name': 'x.aspx',
      'file.extension': 'aspx',
      'file.directory': 'C:\\inetpub\\wwwroot',
    },
  ],
  [
    'Sysmon 13',
    winlogbeat('Microsoft-Windows-Sysmon/Operational', 13, {
      EventType: 'SetValue',
      TargetObject: 'HKLM\\Software\\Run\\u',
      Details: 'DWORD (0x00000005)',
    }),
    {
      'registry.path': 'HKLM\\Software\\Run\\u',
      'registry.hive': 'HKLM',
      'registry.key': 'Software\\Run',
      'registry.value': 'u',
      'registry.data.strings': ['5'],
      'winlog.event_data.EventType': 'SetValue',
    },
  ],
  [
    'Sysmon 22',
    winlogbeat('Microsoft-Windows-Sysmon/Operational', 22, {
      QueryName: 'c2.example',
      QueryResults: 'type:  5 a.example;::ffff:203.0.113.9;',
    }),
    { 'dns.question.name': 'c2.example', 'dns.resolved_ip': ['203.0.113.9'] },
  ],
  [
    'PowerShell 4104',
    winlogbeat('Microsoft-Windows-PowerShell/Operational', 4104, { ScriptBlockText: 'IEX $x' }),
    {
      'event.dataset': 'windows.powershell_operational',
      'powershell.file.script_block_text': 'IEX $x',
      'winlog.event_data.ScriptBlockText': 'IEX $x',
    },
  ],
  [
    'System 7045',
    winlogbeat('System', 7045, { ServiceName: 'u', ImagePath: 'cmd.exe' }),
    { 'event.dataset': 'windows.system', 'event.action': 'service-installed', 'service.name': 'u' },
  ],
  [
    'a channel of its own',
    winlogbeat('Microsoft-Windows-TaskScheduler/Operational', 106, { TaskName: '\\u' }),
    { 'event.dataset': 'windows.taskscheduler_operational' },
  ],
])('%s', (_, text, fields) => {
  expect(eventOf(line(text))).toMatchObject(fields)
})

test('what Winlogbeat says of the collector is not believed', () => {
  const text = JSON.stringify({
    winlog: { channel: 'Security', event_id: 1 },
    'soc.agency': 'x',
    soc: { agency: 'x' },
    log: { source: { address: '192.0.2.99' } },
    event: { ingested: 'x', original: 'y', dataset: 'z' },
  })
  expect(eventOf(line(text))).toMatchObject({
    'soc.agency': 'unregistered',
    'log.source.address': '192.0.2.10',
    'event.original': text,
    'event.dataset': 'windows.security',
  })
})

test.each([
  ['Winlogbeat', winlogbeat('Security', 4625, { TargetUserName: '', SubStatus: '0xc0000064', IpAddress: '' })],
  ['NXLog', nxlog(4625, { TargetUserName: '', SubStatus: '0xc0000064', IpAddress: '' })],
])('%s: an empty value is there under its own name, as rules ask for it, and is nobody', (_name, text) => {
  const event = eventOf(line(text))
  expect(event).toMatchObject({ 'winlog.event_data.TargetUserName': '', 'winlog.event_data.IpAddress': '' })
  for (const field of ['user.name', 'source.ip', 'related.user', 'related.ip'])
    expect(event).not.toHaveProperty([field])
})
