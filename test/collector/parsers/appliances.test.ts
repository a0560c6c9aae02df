import { expect, test } from 'vitest'
import { eventOf, loadLine } from './line.ts'

const line = await loadLine()

test.each<[string, string, { [field: string]: unknown }]>([
  [
    'NX-OS: year first, a switch that counts its lines',
    '<187>May 12 10:00:01 sw-core-01 2026 May 12 10:00:00.250 ICT: %AUTHPRIV-3-SYSTEM_MSG: pam_aaa:Authentication failed for user admin from 203.0.113.9 - sshd[77]',
    {
      'event.dataset': 'cisco_nexus.log',
      '@timestamp': '2026-05-12T03:00:00.250Z',
      'user.name': 'admin',
      'source.ip': '203.0.113.9',
      'event.outcome': 'failure',
      'process.pid': 77,
    },
  ],
  [
    'dhcpd: an acknowledged lease',
    '<190>May 12 10:00:00 gw dhcpd[311]: DHCPACK on 10.30.5.20 to 02:00:5e:00:53:01 (pc-20) via em1.30',
    {
      'event.dataset': 'dhcpd.log',
      'event.action': 'DHCPACK',
      'client.ip': '10.30.5.20',
      'source.mac': '02-00-5E-00-53-01',
      'network.vlan.id': '30',
    },
  ],
  [
    'Unbound: a question',
    '<30>May 12 10:00:00 gw unbound[9]: [9:0] info: 10.30.5.20 www.dichvucong.gov.vn. A IN',
    {
      'event.dataset': 'unbound.log',
      'dns.question.name': 'www.dichvucong.gov.vn',
      'dns.question.registered_domain': 'dichvucong.gov.vn',
      'dns.question.top_level_domain': 'gov.vn',
      'source.ip': '10.30.5.20',
    },
  ],
  [
    'strongSwan: a packet',
    '<30>May 12 10:00:00 gw charon[9]: 14[NET] <site|3> sending packet: from 198.51.100.1[500] to 203.0.113.9[500] (464 bytes)',
    { 'event.dataset': 'strongswan.log', 'destination.port': 500, 'network.bytes': 464 },
  ],
  [
    'Infoblox: a login refused',
    '<29>May 12 10:00:00 ns1.example.vn 10.0.0.5 httpd: 2026-05-12 03:00:00.100Z [le\\040minh]: Login_Denied - - to=AdminConnector ip=10.30.5.20 info=Local',
    {
      'event.dataset': 'infoblox_nios.log',
      '@timestamp': '2026-05-12T03:00:00.100Z',
      'user.name': 'le minh',
      'event.outcome': 'failure',
      'host.ip': '10.0.0.5',
    },
  ],
  [
    'Barracuda: an attack denied',
    '<129>2026-05-12 10:00:00.000 +0700  waf01 WF ALER SQL_INJECTION 203.0.113.9 51000 10.0.0.8 443 portal GLOBAL DENY NONE [type\\="sql"] GET /dossier.aspx TLSv1.2 "-" "curl/8" 198.51.100.7 51000 "-" "-" 1-2',
    {
      'event.dataset': 'barracuda.waf',
      'source.ip': '203.0.113.9',
      'event.action': 'DENY',
      'firewall.blocked': true,
      'url.path': '/dossier.aspx',
      'network.forwarded_ip': '198.51.100.7',
    },
  ],
  [
    'BIG-IP: a request seen by its telemetry',
    '{"telemetryEventCategory":"LTM","event_timestamp":"2026-05-12T03:00:00.000Z","hostname":"LB1","client_ip":"203.0.113.9","server_ip":"10.0.0.8","http_method":"GET","http_uri":"/a?b=1","constructor":"x"}',
    {
      'event.dataset': 'f5_bigip.log',
      'client.ip': '203.0.113.9',
      'http.request.method': 'GET',
      'url.path': '/a',
      'host.name': 'lb1',
    },
  ],
  [
    'FortiMail: a login that failed',
    '<182>date=2026-05-12,time=10:00:00.500,device_id=FEVM01,log_id=0000004943,type=event,subtype=webmail,pri=information, user=webmail,ui=webmail,action=unknown,status=failure,msg="WebMail: Login for \'hoa@example.vn\' from 203.0.113.9 failed"',
    {
      'event.dataset': 'fortinet_fortimail.log',
      '@timestamp': '2026-05-12T03:00:00.500Z',
      'user.name': 'hoa@example.vn',
      'source.ip': '203.0.113.9',
      'event.outcome': 'failure',
    },
  ],
  [
    'Sophos UTM: a dropped packet',
    '<30>2026:05:12-10:00:00 utm1 ulogd[88]: id="2001" severity="info" sys="SecureNet" sub="packetfilter" name="Packet dropped" action="drop" srcip="203.0.113.9" dstip="10.0.0.8" proto="6" srcport="4000" dstport="22"',
    { 'event.dataset': 'sophos.utm', 'source.ip': '203.0.113.9', 'destination.port': 22, 'firewall.blocked': true },
  ],
  [
    'Firepower: an administrator',
    '<14>May 12 2026 10:00:00 sfdccsm: fmc01: hoa@10.30.5.20, Devices > Platform Settings, Save Policy ftd x0a x00',
    { 'event.dataset': 'cisco_ftd.log', 'user.name': 'hoa', 'source.ip': '10.30.5.20', 'event.type': ['change'] },
  ],
  [
    'Snort: default columns of its CSV',
    '05/12-10:00:00.000001 ,1,1000006,0,"SSH seen",TCP,203.0.113.9,4000,10.0.0.8,22,02:00:5E:00:53:01,02:00:5E:00:53:02,0x72,***AP***,0x1,0x2,,0x80C,127,0,1,100,102400,,,,',
    { 'event.dataset': 'snort.log', 'rule.id': '1000006', 'network.direction': 'inbound', 'destination.port': 22 },
  ],
  [
    'BIG-IP AFM: a packet dropped, as structured data',
    '<134>1 2026-05-12T10:00:01+07:00 lb01.example.vn tmm 881 23003137 [F5@12276 acl_policy_name="/Common/edge" acl_rule_name="no-telnet" action="Drop" hostname="lb01.example.vn" bigip_mgmt_ip="10.30.5.2" date_time="May 12 2026 10:00:00" dest_ip="10.0.0.8" dest_port="23" drop_reason="Policy" errdefs_msgno="23003137" errdefs_msg_name="Network Event" ip_protocol="TCP" source_ip="203.0.113.9" source_port="40100" source_user="EXAMPLE\\\\hoa" vlan="/Common/outside"] "May 12 2026 10:00:00"',
    {
      'event.dataset': 'f5.bigipafm',
      '@timestamp': '2026-05-12T03:00:00.000Z',
      'source.ip': '203.0.113.9',
      'destination.port': 23,
      'network.transport': 'tcp',
      'rule.name': 'no-telnet',
      'user.name': 'hoa',
      'firewall.blocked': true,
    },
  ],
  [
    'BIG-IP AFM: a connection ended, without quotes behind a relay',
    'edge relay lb01.example.vn x y z [F5@12276 acl_rule_name=web out action=Closed hostname=lb01.example.vn date_time=May 12 2026 10:00:00 dest_ip=10.0.0.8 dest_port=443 ip_protocol=tcp source_ip=203.0.113.9 source_port=40100 translated_source_ip=198.51.100.7',
    {
      'event.dataset': 'f5.bigipafm',
      'rule.name': 'web out',
      'source.nat.ip': '198.51.100.7',
      'event.type': ['connection', 'end', 'allowed'],
    },
  ],
  [
    'BIG-IP APM: a session',
    '<141>May 12 10:00:00 lb01 notice tmm1[881]: 01490500:5: /Common/portal:Common:ab12cd34: New session from client IP 203.0.113.9 (ST=Hanoi/CC=VN/C=AS) at VIP 10.0.0.8 Listener /Common/portal_443 (Reputation=Unknown)',
    {
      'event.dataset': 'f5.bigipapm',
      'event.code': '01490500',
      'f5.bigipapm.session.id': 'ab12cd34',
      'source.ip': '203.0.113.9',
      'destination.ip': '10.0.0.8',
      'event.action': 'session-started',
      'process.name': 'tmm1',
    },
  ],
  [
    'BIG-IP APM: a login refused, of an older version',
    "<140>May 12 10:00:00 lb01 warning apmd[77]: 01490106:4: ab12cd34: AD module: authentication with 'hoa' failed: Preauthentication failed, principal name: hoa@EXAMPLE.VN",
    {
      'event.dataset': 'f5.bigipapm',
      'user.name': 'hoa',
      'event.category': ['authentication'],
      'event.outcome': 'failure',
    },
  ],
  [
    'BIG-IP APM: a command, behind a relay',
    'May 2026/05/12 10:00:00 lb01 notice tmsh[77]: 01420002: : AUDIT - pid=77 user=admin folder=/Common module=(tmos)# status=[Command OK] cmd_data=list ltm pool',
    {
      'event.dataset': 'f5.bigipapm',
      '@timestamp': '2026-05-12T03:00:00.000Z',
      'host.name': 'lb01',
      'user.name': 'admin',
      'process.command_line': 'list ltm pool',
      'event.outcome': 'success',
    },
  ],
  [
    'ModSecurity: a POST and its body, on the port of https',
    '{"transaction":{"time":"12/May/2026:10:00:00 +0700","transaction_id":"a1","remote_address":"203.0.113.9","remote_port":40100,"local_address":"10.0.0.8","local_port":443},"request":{"request_line":"POST /login HTTP/1.1","headers":{"Host":"portal.example.vn","Content-Length":"9"},"body":["id=","1 or 1"]},"response":{"status":403,"headers":{},"body":"no"},"audit_data":{"messages":[]}}',
    {
      'event.dataset': 'modsecurity.auditlog',
      'url.scheme': 'https',
      'http.request.bytes': 9,
      'http.request.body.content': 'id=1 or 1',
      'http.response.body.content': 'no',
    },
  ],
  [
    'Deep Security: its manager of itself',
    '<190>2026-05-12T10:00:00+07:00 dsm01 CEF:0|Trend Micro|Deep Security Manager|20.0.1|600|User Signed In|3|src=10.30.5.20 suser=hoa msg=User signed in TrendMicroDsTenant=Primary',
    {
      'event.dataset': 'trendmicro.deep_security',
      'source.user.name': 'hoa',
      'event.type': ['connection', 'access', 'allowed', 'denied', 'info'],
    },
  ],
])('%s', (_name, text, expected) => {
  const event = eventOf(line(text))
  for (const [field, value] of Object.entries(expected)) expect([field, event[field]]).toEqual([field, value])
})
