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
])('%s', (_name, text, expected) => {
  const event = eventOf(line(text))
  for (const [field, value] of Object.entries(expected)) expect([field, event[field]]).toEqual([field, value])
})
