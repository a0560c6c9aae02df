import { expect, test } from 'vitest'
import { eventOf, loadLine } from './line.ts'

// Lines of our own in the makers' documented shapes; received at 10:30 on 12 May 2026 in Hải Dương.
const line = await loadLine()
const TIME = '2026-05-12T02:59:58.000Z'
const json = (value: unknown): string => JSON.stringify(value)
const AT = '[12/May/2026:09:59:58 +0700]'

type Row = [name: string, text: string, fields: { [field: string]: unknown }]

test.each<Row>([
  [
    'MongoDB 4.2: a failed log-in',
    '2026-05-12T09:59:58.123+0700 I  ACCESS   [conn7] SASL SCRAM-SHA-256 authentication failed for lan on admin from client 203.0.113.9:50112 ; AuthenticationFailed',
    {
      '@timestamp': '2026-05-12T02:59:58.123Z',
      'event.dataset': 'mongodb.log',
      'event.outcome': 'failure',
      'event.category': ['database', 'authentication'],
      'user.name': 'lan',
      'source.ip': '203.0.113.9',
      'source.port': 50_112,
      'mongodb.log.component': 'ACCESS',
    },
  ],
  [
    'MongoDB 7: a connection',
    json({
      t: { $date: '2026-05-12T09:59:58.000+07:00' },
      s: 'I',
      c: 'NETWORK',
      id: 22_943,
      ctx: 'listener',
      msg: 'Connection accepted',
      attr: { remote: '203.0.113.9:50112', connectionCount: 3 },
    }),
    {
      '@timestamp': TIME,
      'event.dataset': 'mongodb.log',
      'source.ip': '203.0.113.9',
      'mongodb.log.attr.connectionCount': 3,
      message: 'Connection accepted',
    },
  ],
  [
    'MongoDB 7: a log-in refused',
    json({
      t: { $date: '2026-05-12T02:59:58Z' },
      s: 'I',
      c: 'ACCESS',
      id: 20_249,
      ctx: 'conn9',
      msg: 'Authentication failed',
      attr: { mechanism: 'SCRAM-SHA-256', principalName: 'lan', client: '[2001:db8::9]:50112', error: 'x' },
    }),
    { 'event.outcome': 'failure', 'user.name': 'lan', 'source.ip': '2001:db8::9', 'event.action': 'login' },
  ],
  [
    'MongoDB audit: an account made',
    json({
      atype: 'createUser',
      ts: { $date: '2026-05-12T02:59:58.000Z' },
      local: { ip: '10.10.1.5', port: 27_017 },
      remote: { ip: '203.0.113.9', port: 50_112 },
      users: [{ user: 'quantri', db: 'admin' }],
      roles: [],
      param: { user: 'moi', db: 'dvc', roles: [] },
      result: 0,
    }),
    {
      '@timestamp': TIME,
      'event.dataset': 'mongodb.audit',
      'event.action': 'createUser',
      'event.type': ['user', 'creation'],
      'event.outcome': 'success',
      'user.name': 'quantri',
      'user.target.name': 'moi',
      'source.ip': '203.0.113.9',
      'destination.port': 27_017,
    },
  ],
  [
    'Redis 7',
    '812:M 12 May 2026 09:59:58.000 # Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to Redis.',
    {
      '@timestamp': TIME,
      'event.dataset': 'redis.log',
      'process.pid': 812,
      'redis.log.role': 'master',
      'log.level': 'warning',
    },
  ],
  [
    'Redis 3 without a year',
    '[812] 12 May 09:59:58 * Background saving started',
    { '@timestamp': TIME, 'event.dataset': 'redis.log', 'process.pid': 812, 'log.level': 'notice' },
  ],
  [
    'Redis without a year, on New Year’s Eve',
    '812:S 31 Dec 23:59:58.000 * MASTER <-> REPLICA sync started',
    { '@timestamp': '2025-12-31T16:59:58.000Z', 'redis.log.role': 'slave' },
  ],
  [
    'DHCP: a lease',
    '10,05/12/26,09:59:58,Assign,10.20.5.77,PC-KETOAN.soyt.tinh.vn,A1B2C3D4E5F6,,2718281828,0,,,,0x4D53465420352E30,MSFT 5.0,,,,0',
    {
      '@timestamp': TIME,
      'event.dataset': 'microsoft_dhcp.log',
      'event.action': 'dhcp-new',
      'event.outcome': 'success',
      'host.ip': '10.20.5.77',
      'host.name': 'pc-ketoan.soyt.tinh.vn',
      'host.domain': 'soyt.tinh.vn',
      'host.mac': ['A1-B2-C3-D4-E5-F6'],
      'microsoft.dhcp.vendor.string': 'MSFT 5.0',
    },
  ],
  [
    'DHCP: another server on the network',
    '62,05/12/26,09:59:58,Another server was found,10.20.5.250,,',
    { 'event.action': 'rogue-server-detection', 'event.code': '62', 'host.ip': '10.20.5.250' },
  ],
  [
    'DHCPv6',
    '11002,05/12/26,09:59:58,DHCPV6 Request,2001:db8:20::77,PC7.soyt.tinh.vn,0,14,0001000126A1B2C3,,,,',
    { 'event.dataset': 'microsoft_dhcp.log', 'event.action': 'dhcpv6-request', 'host.ip': '2001:db8:20::77' },
  ],
  [
    'Windows DNS: a question, in Vietnamese regional format',
    '12/05/2026 9:59:58 SA 0A3C PACKET  000001D7F00D0010 UDP Rcv 10.20.5.77      1a2b   Q [0001   D   NOERROR] A      (3)www(7)example(3)com(0)',
    {
      '@timestamp': TIME,
      'event.dataset': 'windows.dns_server_debug',
      'event.action': 'dns-query',
      'source.ip': '10.20.5.77',
      'dns.question.name': 'www.example.com',
      'dns.question.registered_domain': 'example.com',
      'dns.question.type': 'A',
      'dns.header_flags': ['RD'],
      'network.transport': 'udp',
    },
  ],
  [
    'Windows DNS: an answer, in American format',
    '5/12/2026 9:59:58 AM 0A3C PACKET  000001D7F00D0010 TCP Snd 10.20.5.77      1a2b R Q [8385 A DR NXDOMAIN] TXT    (4)khac(7)invalid(0)',
    {
      '@timestamp': TIME,
      'event.action': 'dns-response',
      'destination.ip': '10.20.5.77',
      'dns.response_code': 'NXDOMAIN',
      'dns.question.name': 'khac.invalid',
      'event.outcome': 'failure',
    },
  ],
  [
    'Oracle audit file: what a statement says of other fields stays in it',
    "Tue May 12 09:59:58 2026 +07:00\nLENGTH : '300'\nACTION :[48] 'select 1 from dual where x='' DATABASE USER:[3] '\nDATABASE USER:[3] 'LAN'\nPRIVILEGE :[4] 'NONE'\nCLIENT USER:[5] 'lanpc'\nSTATUS:[4] '1017'\nUSERHOST:[12] 'may7.tinh.vn'\nCLIENT ADDRESS:[57] '(ADDRESS=(PROTOCOL=tcp)(HOST=203.0.113.9)(PORT=52224))'\n",
    {
      '@timestamp': TIME,
      'event.dataset': 'oracle.database_audit',
      'event.outcome': 'failure',
      'event.code': 'ORA-01017',
      'user.name': 'LAN',
      'client.user.name': 'lanpc',
      'source.ip': '203.0.113.9',
      'source.port': 52_224,
      'related.user': ['LAN', 'lanpc'],
    },
  ],
  [
    'Oracle audit in syslog: a log-on',
    '<14>May 12 09:59:58 db1 Oracle Audit[4711]: LENGTH: "170" SESSIONID:[6] "123456" ENTRYID:[1] "1" USERID:[3] "LAN" USERHOST:[4] "may7" ACTION:[3] "100" RETURNCODE:[1] "0" COMMENT$TEXT:[75] "Authenticated by: DATABASE; Client address: (ADDRESS=(HOST=203.0.113.9)(PORT=1))" OS$USERID:[3] "lan"',
    {
      'event.dataset': 'oracle.database_audit',
      'event.category': ['database', 'authentication'],
      'event.outcome': 'success',
      'user.name': 'LAN',
      'source.ip': '203.0.113.9',
    },
  ],
  [
    'Oracle unified audit in syslog',
    '<14>May 12 09:59:58 db1 Oracle Unified Audit[4711]: LENGTH: \'204\' TYPE:"4" DBID:"1" SESID:"2" ENTRYID:"1" DBUSER:"LAN" CURUSER:"LAN" ACTION:"3" RETCODE:"942" SCHEMA:"HR" OBJNAME:"LUONG"',
    {
      'event.dataset': 'oracle.database_audit',
      'user.name': 'LAN',
      'event.outcome': 'failure',
      'event.code': 'ORA-00942',
      'oracle.database_audit.objname': 'LUONG',
    },
  ],
  [
    'Oracle audit as XML',
    '<AuditRecord><Audit_Type>1</Audit_Type><Session_Id>9</Session_Id><DB_User>LAN</DB_User><Extended_Timestamp>2026-05-12T02:59:58.000000Z</Extended_Timestamp><OS_User>lan</OS_User><Userhost>may7</Userhost><Action>3</Action><Returncode>0</Returncode><Sql_Text>select &apos;&lt;a&gt;&apos; from dual</Sql_Text></AuditRecord>',
    {
      '@timestamp': TIME,
      'event.dataset': 'oracle.database_audit',
      'user.name': 'LAN',
      'event.outcome': 'success',
      message: "select '<a>' from dual",
    },
  ],
  [
    'WebLogic',
    "####<May 12, 2026, 9:59:58,000 AM ICT> <Notice> <Security> <may-dvc> <ms-1> <[ACTIVE] ExecuteThread: '1' for queue: 'weblogic.kernel.Default (self-tuning)'> <<WLS Kernel>> <> <0000-1> <1778554798000> <[severity-value: 32] [partition-id: 0] > <BEA-090082> <Security initializing using realm > <myrealm.> ",
    {
      '@timestamp': TIME,
      'event.dataset': 'oracle_weblogic.domain',
      'event.code': 'BEA-090082',
      'log.level': 'Notice',
      'oracle_weblogic.domain.server_name': 'ms-1',
      'transaction.id': '0000-1',
      message: 'Security initializing using realm > <myrealm.',
    },
  ],
  [
    'Tomcat: a servlet failed, with its stack trace',
    '12-May-2026 09:59:58.000 SEVERE [http-nio-8080-exec-3] org.apache.catalina.core.StandardWrapperValve.invoke Servlet.service() for servlet [dvc] threw exception\n\tjava.lang.NullPointerException\n\t\tat vn.tinh.Dvc.doGet(Dvc.java:7)',
    {
      '@timestamp': TIME,
      'event.dataset': 'apache_tomcat.localhost',
      'event.type': ['error'],
      'log.level': 'severe',
      'error.stack_trace': '\tjava.lang.NullPointerException\n\t\tat vn.tinh.Dvc.doGet(Dvc.java:7)',
    },
  ],
  [
    'Tomcat: an access line with the local address',
    `203.0.113.9 - lan ${AT} "GET /dvc/ho-so.pdf HTTP/1.1" 200 512 10.10.1.5 + 0.012 "https://dvc.tinh.vn/" "curl/8" X-Forwarded-For="198.51.100.7"`,
    {
      'event.dataset': 'apache_tomcat.access',
      'user_agent.original': 'curl/8',
      'http.request.referrer': 'https://dvc.tinh.vn/',
      'network.forwarded_ip': '198.51.100.7',
      'event.duration': 12_000_000,
    },
  ],
  [
    'ingress-nginx',
    `203.0.113.9 - - ${AT} "GET / HTTP/2.0" 502 150 "-" "curl/8" 77 0.005 [dvc-web-80] [] 10.1.0.7:8080, 10.1.0.8:8080 0, 0 0.001, 0.004 502, 502 0123456789abcdef0123456789abcdef`,
    {
      'event.dataset': 'nginx_ingress_controller.access',
      'http.request.id': '0123456789abcdef0123456789abcdef',
      'http.request.bytes': 77,
      'nginx_ingress_controller.access.upstream.ip': '10.1.0.8',
      'nginx_ingress_controller.access.upstream.port': 8080,
      'nginx_ingress_controller.access.upstream.response.status_code_list': ['502', '502'],
    },
  ],
  [
    'klog of the kubelet',
    '<14>May 12 09:59:58 node1 kubelet[77]: E0512 09:59:58.000001      77 kubelet.go:2040] Failed to start pod',
    { '@timestamp': TIME, 'event.dataset': 'kubernetes.log', 'event.type': ['error'], message: 'Failed to start pod' },
  ],
  [
    'MISP',
    json({
      Event: {
        uuid: 'u',
        orgc_id: '1',
        id: '7',
        timestamp: '1778554798',
        info: 'chiến dịch',
        Attribute: { type: 'domain|ip', value: 'xau.example|203.0.113.66', to_ids: true },
      },
    }),
    {
      '@timestamp': TIME,
      'event.dataset': 'ti_misp.threat',
      'event.kind': 'enrichment',
      'threat.indicator.ip': '203.0.113.66',
      'threat.indicator.url.domain': 'xau.example',
      'threat.indicator.type': 'domain-name',
    },
  ],
  [
    'URLhaus',
    json({
      id: '1',
      urlhaus_reference: 'https://urlhaus.abuse.ch/url/1/',
      url: 'http://203.0.113.66:8080/a/b.exe?x=1',
      date_added: '2026-05-12 02:59:58 UTC',
      reporter: 'r',
      threat: 'malware_download',
    }),
    {
      'event.dataset': 'ti_abusech.url',
      'threat.indicator.url.domain': '203.0.113.66',
      'threat.indicator.url.port': 8080,
      'threat.indicator.url.extension': 'exe',
      'threat.indicator.first_seen': TIME,
    },
  ],
  [
    'ThreatFox',
    json({ id: '9', ioc: '203.0.113.66:443', ioc_type: 'ip:port', threat_type: 'botnet_cc', confidence_level: 50 }),
    {
      'event.dataset': 'ti_abusech.threatfox',
      'threat.indicator.ip': '203.0.113.66',
      'threat.indicator.port': 443,
      'threat.indicator.confidence': 'Medium',
    },
  ],
  [
    'OTX',
    json({
      count: 1,
      results: { indicator: 'A'.repeat(64), type: 'FileHash-SHA256', title: null, content: '', id: 5 },
    }),
    {
      'event.dataset': 'ti_otx.threat',
      'threat.indicator.file.hash.sha256': 'A'.repeat(64),
      'related.hash': ['A'.repeat(64)],
    },
  ],
  [
    'Anomali',
    json({
      itype: 'mal_ip',
      value_type: 'ip',
      source_feed_id: 3,
      srcip: '203.0.113.66',
      severity: 'very-high',
      confidence: 90,
    }),
    {
      'event.dataset': 'ti_anomali.threatstream',
      'threat.indicator.ip': '203.0.113.66',
      'event.severity': 9,
      'threat.indicator.confidence': 'High',
    },
  ],
  [
    'gauges of Tomcat',
    json({ prometheus: { labels: { context: '/dvc' }, metrics: { Catalina_WebResourceRoot_hitCount: 5 } } }),
    { 'event.dataset': 'apache_tomcat.cache', 'event.kind': 'metric', 'apache_tomcat.labels.context': '/dvc' },
  ],
  [
    "Auditbeat's own reading of the audit",
    json({
      auditd: { message_type: 'login', result: 'success' },
      event: { action: 'x', category: ['authentication'] },
    }),
    { 'event.dataset': 'auditd_manager.auditd', 'event.category': ['authentication'], 'auditd.message_type': 'login' },
  ],
  [
    'MySQL: an account made',
    `${json({
      timestamp: '2026-05-12 02:59:58',
      id: 1,
      class: 'general',
      event: 'status',
      connection_id: 9,
      account: { user: 'root', host: 'localhost' },
      login: { user: 'root', os: '', ip: '' },
      general_data: {
        command: 'Query',
        sql_command: 'create_user',
        query: "CREATE USER 'moi'@'%' IDENTIFIED BY <secret>",
        status: 0,
      },
    })},`,
    {
      '@timestamp': TIME,
      'event.dataset': 'mysql_enterprise.audit',
      'event.category': ['database', 'iam'],
      'event.type': ['access', 'connection', 'user', 'creation'],
      'user.target.name': 'moi',
      'user.target.domain': '%',
      'related.user': ['root', 'moi'],
    },
  ],
])('%s', (_, text, fields) => {
  expect(eventOf(line(text))).toMatchObject(fields)
})

test.each([
  ['a day that no month has', '10,02/30/26,09:59:58,Assign,10.20.5.77,PC,A1B2C3D4E5F6,', 'bad_time'],
  ['a Redis line of the 32nd', '812:M 32 May 2026 09:59:58.000 * x', 'bad_time'],
  ['MongoDB without a date', json({ t: { $date: 'x' }, s: 'I', c: 'NETWORK', msg: 'm' }), 'bad_time'],
])('%s is refused', (_, text, code) => {
  expect(line(text)).toMatchObject({ kind: 'dead', letter: { code } })
})

test('the stream or the file tells WebLogic’s access lines', () => {
  const access = `203.0.113.9 - - ${AT} "GET /console HTTP/1.1" 302 0 `
  const origin = { input: 'http-ndjson', address: '192.0.2.11', stream: 'oracle_weblogic' }
  expect(eventOf(line(access, { origin }))).toMatchObject({
    'event.dataset': 'oracle_weblogic.access',
    'http.response.status_code': 302,
  })
  const path = { input: 'file', address: '', path: '/u01/oracle/weblogic/logs/access.log' }
  expect(eventOf(line(access, { origin: path }))['event.dataset']).toBe('oracle_weblogic.access')
})
