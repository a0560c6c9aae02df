import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { template } from '../../../collector/template.ts'
import { readCommaValues, readPairs } from '../../../collector/key-values.ts'
import { runs } from '../../runs.ts'
import { eventOf, loadLine } from './line.ts'

const line = await loadLine()
const PAN = '<14>May 12 10:00:00 pa01 1,2026/05/12 10:00:00,0123456789,'
const SESSION =
  '2026/05/12 09:59:58,10.30.5.20,203.0.113.9,198.51.100.7,203.0.113.9,ra-ngoai,hdu\\ntlan,,web-browsing,vsys1,trust,untrust,ethernet1/2,ethernet1/1,gui,2026/05/12 09:59:58,4711,1,51234,443,40001,443,0x400000,tcp'
const SRX = '<14>1 2026-05-12T10:00:00+07:00 srx01 RT_FLOW - '
const CP = '<134>1 2026-05-12T03:00:00Z cp01 CheckPoint 2700 - '

test.each<[string, string, object]>([
  [
    'FortiGate traffic, refused',
    '<189>date=2026-05-12 time=09:59:58 devname="FGT-HD" devid="FG100F0001" logid="0000000013" type="traffic" subtype="forward" level="notice" vd="root" eventtime=1778554798000000000 tz="+0700" srcip=203.0.113.9 srcport=51234 srcintf="wan1" dstip=10.30.1.5 dstport=3389 dstintf="dmz" proto=6 action="deny" policyid=0 policyname="implicit deny" service="RDP" sentbyte=60 rcvdbyte=0 duration=5',
    {
      '@timestamp': '2026-05-12T02:59:58.000Z',
      'event.dataset': 'fortinet_fortigate.log',
      'event.module': 'fortinet_fortigate',
      'event.category': ['network'],
      'event.type': ['connection', 'denied'],
      'event.action': 'deny',
      'event.code': '0000000013',
      'event.duration': 5e9,
      'firewall.blocked': true,
      'firewall.action': ['deny'],
      'source.ip': '203.0.113.9',
      'source.port': 51234,
      'source.bytes': 60,
      'destination.ip': '10.30.1.5',
      'destination.port': 3389,
      'network.transport': 'tcp',
      'network.protocol': 'rdp',
      'rule.id': '0',
      'rule.name': 'implicit deny',
      'observer.vendor': 'Fortinet',
      'observer.name': 'FGT-HD',
      'observer.serial_number': 'FG100F0001',
      'observer.ingress.interface.name': 'wan1',
      'fortinet.firewall.vd': 'root',
    },
  ],
  [
    'FortiGate behind a syslog header with host',
    '<189>May 12 10:00:00 fgt01 date=2026-05-12 time=10:00:00 devid="FG1" logid="0000000020" type="traffic" subtype="forward" srcip=10.30.5.20 dstip=203.0.113.9 proto=17 action="accept" transip=198.51.100.7 transport=40001',
    {
      'host.hostname': 'fgt01',
      'event.type': ['connection', 'end', 'allowed'],
      'firewall.blocked': false,
      'source.nat.ip': '198.51.100.7',
      'source.nat.port': 40001,
      'network.transport': 'udp',
    },
  ],
  [
    'FortiGate virus, the last word is the profile',
    '<188>date=2026-05-12 time=10:00:00 devname="FGT-HD" devid="FG1" logid="0211008192" type="utm" subtype="virus" eventtype="infected" level="warning" srcip=10.30.5.20 dstip=203.0.113.9 action="blocked" filename="hoa don.exe" virus="W32/Tao" url="http://tai.example/hoa-don.exe?x=1" user="ntlan"',
    {
      'event.kind': 'alert',
      'event.action': 'infected',
      'event.category': ['network', 'malware'],
      'file.name': 'hoa don.exe',
      'threat.indicator.name': 'W32/Tao',
      'user.name': 'ntlan',
    },
  ],
  [
    'FortiGate attack, as FortiOS 5.0 typed it',
    '<185>date=2026-05-12 time=10:00:00 devname="FGT-HD" devid="FG1" logid="0419016384" type="ips" subtype="signature" level="alert" srcip=203.0.113.9 srcmac="00:09:0f:aa:bb:0c" dstip=10.30.1.5 dstuser="ntlan" action="dropped" attack="Thu.Nghiem"',
    {
      'event.category': ['network', 'intrusion_detection'],
      'event.kind': 'alert',
      'event.type': ['denied'],
      'source.mac': '00-09-0F-AA-BB-0C',
      'destination.user.name': 'ntlan',
      'rule.name': 'Thu.Nghiem',
    },
  ],
  [
    'SRX screen, plain',
    '<11>May 12 10:00:00 srx01 RT_IDS: RT_SCREEN_TCP: TCP port scan! source: 203.0.113.9:51234, destination: 10.30.1.5:22, zone name: untrust, interface name: ge-0/0/0.0, action: drop',
    {
      'event.dataset': 'juniper_srx.log',
      'event.action': 'security_threat',
      'event.category': ['network', 'intrusion_detection'],
      'event.type': ['connection', 'info', 'denied'],
      'source.ip': '203.0.113.9',
      'source.port': 51234,
      'destination.port': 22,
      'observer.ingress.zone': 'untrust',
    },
  ],
  [
    'SRX screen, plain, an IPv6 address without a port',
    '<11>May 12 10:00:00 srx01 RT_IDS: RT_SCREEN_SESSION_LIMIT: Src IP session limit! source: 2001:db8::7, zone name: untrust, interface name: ge-0/0/0.0, action: alarm-without-drop',
    { 'source.ip': '2001:db8::7', 'event.type': ['connection', 'info'] },
  ],
  [
    'SRX counts the bytes of an application: no alert',
    '<14>1 2026-05-12T10:00:00+07:00 srx01 RT_FLOW - APPTRACK_SESSION_VOL_UPDATE [junos@2636.1.1.1.2.36 source-address="10.30.5.20" source-port="51234" destination-address="203.0.113.9" destination-port="443" protocol-id="6" username="ntlan"]',
    { 'event.kind': 'event', 'event.type': ['connection', 'info'], 'source.ip': '10.30.5.20', 'user.name': 'ntlan' },
  ],
  [
    'Sophos drops an attack and says so',
    'device_name="SFW" timestamp="2026-05-12T10:00:00+0700" device_model="SF01V" log_id="010302602002" log_type="Firewall" log_component="DoS Attack" log_subtype="Denied" severity="Warning" src_ip="203.0.113.9" dst_ip="10.30.1.5" protocol="UDP" src_port=51234 dst_port=53',
    {
      'event.category': ['network', 'intrusion_detection'],
      'event.kind': 'alert',
      'event.type': ['connection', 'denied'],
    },
  ],
  [
    'Sophos intrusion prevention',
    'device="SFW" date=2026-05-12 time=10:00:00 timezone="ICT" device_name="SF01V" device_id=S1 log_id=020804407002 log_type="IDP" log_component="Signatures" log_subtype="Drop" priority=Warning idp_policy_name="lan-wan" fw_rule_id=2 signature_id=26022 signature_msg="FILE-PDF thu" classification="A Network Trojan was detected" src_ip=10.30.5.20 dst_ip=203.0.113.9 protocol="TCP" src_port=28938 dst_port=80',
    {
      'event.category': ['network', 'intrusion_detection'],
      'rule.id': '26022',
      'rule.name': 'FILE-PDF thu',
      'rule.category': 'A Network Trojan was detected',
      'rule.ruleset': 'lan-wan',
      'source.port': 28938,
    },
  ],
  [
    'Sophos web application firewall',
    'device="SFW" date=2026-05-12 time=10:00:00 timezone="ICT" device_name="SF01V" device_id=S1 log_id=075000617071 log_type="WAF" log_component="Web Application Firewall" priority=Information user_name="-" server="www.example:443" sourceip="203.0.113.9" localip="10.30.1.5" ws_protocol="HTTP/1.1" url="/a" querystring="?b=1" method="GET" httpstatus="403" reason="Static URL Hardening" useragent="curl/8" host="203.0.113.9" bytessent="510" bytesrcv="240"',
    {
      'source.ip': '203.0.113.9',
      'destination.ip': '10.30.1.5',
      'http.response.status_code': 403,
      'http.request.method': 'GET',
      'http.version': '1.1',
      'url.domain': 'www.example',
      'url.path': '/a',
      'url.query': 'b=1',
      'user_agent.original': 'curl/8',
      'event.reason': 'Static URL Hardening',
    },
  ],
  [
    'Check Point: who changed what on the management server',
    '<134>1 2026-05-12T03:00:00Z cp01 CheckPoint 2700 - [loguid:"{0x1}"; time:"1778554800"; origin:"192.0.2.5"; product:"SmartConsole"; operation:"Log In"; administrator:"quantri"; client_ip:"10.30.0.5"; audit_status:"Failure"]',
    {
      'event.action': 'logged-in',
      'event.category': ['authentication', 'network'],
      'event.outcome': 'failure',
      'user.name': 'quantri',
      'source.ip': '10.30.0.5',
    },
  ],
  [
    'IOS SSH session ends',
    "<189>77: May 12 2026 10:00:00.123: %SSH-5-SSH2_CLOSE: SSH2 Session from 203.0.113.9 (tty = 0) for user 'ntlan' using crypto cipher 'aes256-ctr', hmac 'hmac-sha2-256' closed",
    { 'event.action': 'logged-out', 'user.name': 'ntlan', 'source.ip': '203.0.113.9' },
  ],
  [
    'IOS-XE access list, of the forwarding plane',
    '<190>%FMANFP-6-IPACCESSLOGP: F0: fman_fp_image:  list cam denied udp 203.0.113.9(53) -> 10.30.1.5(5353), 2 packets',
    { 'event.action': 'deny', 'source.ip': '203.0.113.9', 'destination.port': 5353, 'rule.name': 'cam' },
  ],
  [
    'FortiGate administrator refused',
    '<185>date=2026-05-12 time=10:00:00 devname="FGT-HD" devid="FG1" logid="0100032002" type="event" subtype="system" level="alert" logdesc="Admin login failed" user="admin" ui="https(203.0.113.9)" action="login" status="failed" reason="passwd_invalid" msg="Administrator admin login failed"',
    {
      'event.category': ['network', 'authentication'],
      'event.outcome': 'failure',
      'source.ip': '203.0.113.9',
      'user.name': 'admin',
      'event.reason': 'passwd_invalid',
    },
  ],
  [
    'ASA refuses by access list',
    '<164>May 12 10:00:00 asa01 %ASA-4-106023: Deny tcp src outside:203.0.113.9/51234 dst dmz:10.30.1.5/445 by access-group "tu-ngoai" [0x0, 0x0]',
    {
      'event.dataset': 'cisco_asa.log',
      'event.code': '106023',
      'event.severity': 4,
      'event.type': ['connection', 'denied'],
      'event.outcome': 'success',
      'source.ip': '203.0.113.9',
      'source.port': 51234,
      'destination.ip': '10.30.1.5',
      'destination.port': 445,
      'network.transport': 'tcp',
      'rule.name': 'tu-ngoai',
      'observer.ingress.interface.name': 'outside',
      'observer.egress.interface.name': 'dmz',
      'host.hostname': 'asa01',
      'firewall.blocked': true,
    },
  ],
  [
    'ASA builds outward: the source is inside',
    '<166>%ASA-6-302013: Built outbound TCP connection 88 for outside:203.0.113.9/443 (203.0.113.9/443) to inside:10.30.5.20/51234 (198.51.100.7/40001) (LOCAL\\ntlan)',
    {
      'network.direction': 'outbound',
      'source.ip': '10.30.5.20',
      'source.nat.ip': '198.51.100.7',
      'user.name': 'ntlan',
      'destination.ip': '203.0.113.9',
      'destination.nat.ip': undefined,
      'cisco.asa.connection_id': '88',
      'event.action': 'flow-creation',
      'firewall.action': ['built', 'accept'],
    },
  ],
  [
    'ASA tears down',
    '<166>%ASA-6-302014: Teardown TCP connection 88 for outside:203.0.113.9/443 to inside:10.30.5.20/51234 duration 0:01:07 bytes 38110 TCP FINs',
    {
      'event.action': 'flow-expiration',
      'event.duration': 67e9,
      'network.bytes': 38110,
      'event.reason': 'TCP FINs',
      'event.type': ['connection', 'end'],
    },
  ],
  [
    'ASA access list with hits',
    '<166>%ASA-6-106100: access-list inside_in permitted udp inside/10.30.5.20(5353) -> outside/203.0.113.9(53) hit-cnt 3 300-second interval [0x1, 0x0]',
    {
      'event.type': ['connection', 'allowed'],
      'source.port': 5353,
      'destination.port': 53,
      'cisco.asa.hit_count': 3,
      'observer.ingress.interface.name': 'inside',
    },
  ],
  [
    'ASA VPN password refused; a name cannot say where it comes from',
    '<166>%ASA-6-113005: AAA user authentication Rejected : reason = AAA failure : server = 10.30.0.9 : user = x : user IP = 192.0.2.1 : user IP = 203.0.113.9',
    {
      'event.category': ['network', 'authentication'],
      'event.outcome': 'failure',
      'source.ip': '203.0.113.9',
      'user.name': 'x : user IP = 192.0.2.1',
      'destination.ip': '10.30.0.9',
    },
  ],
  [
    'ASA AnyConnect session',
    '<166>%ASA-6-113039: Group <GP_VPN> User <ntlan> IP <203.0.113.9> AnyConnect parent session started.',
    {
      'event.action': 'client-vpn-connected',
      'user.name': 'ntlan',
      'source.ip': '203.0.113.9',
      'source.user.group.name': 'GP_VPN',
    },
  ],
  [
    'ASA message not in the table',
    '<166>May 12 10:00:00 asa01 : %ASA-6-999999: A message of a later version',
    {
      'event.code': '999999',
      message: 'A message of a later version',
      'host.hostname': 'asa01',
      'event.type': ['info'],
    },
  ],
  [
    'ASA message of a family, without a row of its own',
    '<164>%ASA-4-722041: TunnelGroup <TG> GroupPolicy <GP> User <ntlan> IP <2001:db8::7> No IPv6 address available for SVC connection',
    { 'event.code': '722041', 'user.name': 'ntlan', 'source.ip': '2001:db8::7', 'source.user.group.name': 'TG' },
  ],
  [
    'ASA access policy of a VPN session',
    '<165>%ASA-5-734001: DAP: User ntlan, Addr 203.0.113.9, Connection AnyConnect: The following DAP records were selected for this connection: mac-dinh',
    { 'user.name': 'ntlan', 'source.ip': '203.0.113.9', 'cisco.asa.session_type': 'AnyConnect' },
  ],
  [
    'ASA message of no known form: its ends and its verdict',
    '<164>%ASA-4-109099: Dropping odd UDP packet from outside:203.0.113.9/53 to inside:10.30.5.20/5353, user = ntlan',
    {
      'event.type': ['connection', 'denied'],
      'network.transport': 'udp',
      'source.ip': '203.0.113.9',
      'source.port': 53,
      'destination.ip': '10.30.5.20',
      'destination.port': 5353,
      'user.name': 'ntlan',
    },
  ],
  [
    'ASA words that are no addresses',
    '<166>%ASA-6-999998: Moved from standby to active, reason user authentication',
    { 'source.address': undefined, 'destination.address': undefined, 'user.name': undefined, 'event.type': ['info'] },
  ],
  [
    'ASA GRE connection',
    '<166>%ASA-6-302017: Built inbound GRE connection 55 from outside:203.0.113.9/0 (203.0.113.9/0) to inside:10.30.5.20/0 (198.51.100.5/0)',
    {
      'event.action': 'flow-creation',
      'network.transport': 'gre',
      'source.ip': '203.0.113.9',
      'destination.nat.ip': '198.51.100.5',
    },
  ],
  [
    'FTD refuses by access list: a failure, as the dashboards of Threat Defense have it',
    '<164>May 12 10:00:00 ftd01 %FTD-4-106023: Deny udp src outside:2001:db8::9/51234 dst dmz:2001:db8:1::5/161 by access-group "tu-ngoai" [0x0, 0x0]',
    { 'event.type': ['info', 'denied'], 'event.outcome': 'failure', 'source.ip': '2001:db8::9', 'source.port': 51234 },
  ],
  [
    'FTD malware event',
    '<113>2026-05-12T03:00:00Z ftd01  %FTD-1-430005: SrcIP: 10.30.5.20, DstIP: 203.0.113.9, SrcPort: 51234, DstPort: 80, Protocol: tcp, FileAction: Malware Block, FileSHA256: 3395856ce81f2b7382dee72602f798b642f14140f1b4f1a3f0c1b6e5a6f7d8e9, FileName: hoa-don.exe, FileSize: 68, URI: http://tai.example/hoa-don.exe',
    {
      'event.action': 'malware-detected',
      'event.category': ['malware', 'file'],
      'event.type': ['info', 'denied'],
      'file.name': 'hoa-don.exe',
      'file.size': 68,
      'url.domain': 'tai.example',
      'related.hash': ['3395856ce81f2b7382dee72602f798b642f14140f1b4f1a3f0c1b6e5a6f7d8e9'],
    },
  ],
  [
    'FTD ICMP connection: the words for its type name the flow',
    '<113>2026-05-12T03:00:00Z ftd01  %FTD-1-430003: AccessControlRuleAction: Allow, SrcIP: 192.168.0.89, DstIP: 192.168.0.1, ICMPType: Echo Request, ICMPCode: No Code, Protocol: icmp',
    { 'network.transport': 'icmp', 'network.community_id': '1:X0snYXpgwiv9TZtqg64sgzUn6Dk=' },
  ],
  [
    'FTD connection event',
    '<113>2026-05-12T03:00:00Z ftd01  %FTD-1-430002: AccessControlRuleAction: Block, SrcIP: 10.30.5.20, DstIP: 203.0.113.9, SrcPort: 51234, DstPort: 23, Protocol: tcp, IngressInterface: inside, AccessControlRuleName: cam-telnet, User: ntlan',
    {
      'event.dataset': 'cisco_ftd.log',
      'event.action': 'connection-started',
      'event.type': ['connection', 'start', 'denied'],
      'destination.port': 23,
      'rule.name': 'cam-telnet',
    },
  ],
  [
    'IOS login refused',
    '<189>77: May 12 2026 10:00:00.123: %SEC_LOGIN-4-LOGIN_FAILED: Login failed [user: root] [Source: 203.0.113.9] [localport: 22] [Reason: Login Authentication Failed] at 10:00:00 ICT Tue May 12 2026',
    {
      'event.dataset': 'cisco_ios.log',
      'event.code': 'LOGIN_FAILED',
      'event.outcome': 'failure',
      'source.ip': '203.0.113.9',
      'user.name': 'root',
      'event.sequence': 77,
      '@timestamp': '2026-05-12T03:00:00.123Z',
    },
  ],
  [
    'IOS access list',
    '<190>%SEC-6-IPACCESSLOGP: list 101 denied tcp 203.0.113.9(51234) -> 10.30.1.5(22), 3 packets',
    {
      'event.action': 'deny',
      'source.port': 51234,
      'destination.port': 22,
      'rule.name': '101',
      'firewall.blocked': true,
    },
  ],
  [
    'IOS configuration',
    '<189>May 12 10:00:00 sw01 %SYS-5-CONFIG_I: Configured from console by quantri on vty0 (10.30.0.8)',
    {
      'event.category': ['network', 'configuration'],
      'user.name': 'quantri',
      'source.ip': '10.30.0.8',
      'host.name': 'sw01',
    },
  ],
  [
    'Palo Alto traffic',
    `${PAN}TRAFFIC,end,2049,${SESSION},allow,900,600,300,9,2026/05/12 09:59:50,8,business,0,12,0x0,10.0.0.0-10.255.255.255,Viet Nam,0,5,4,tcp-fin,0,0,0,0,,pa01,from-policy`,
    {
      'event.dataset': 'panw.panos',
      '@timestamp': '2026-05-12T02:59:58.000Z',
      'event.action': 'flow_terminated',
      'event.type': ['connection', 'end', 'allowed'],
      'source.nat.ip': '198.51.100.7',
      'user.name': 'ntlan',
      'user.domain': 'hdu',
      'network.bytes': 900,
      'source.bytes': 600,
      'source.packets': 5,
      'event.reason': 'tcp-fin',
      'rule.name': 'ra-ngoai',
      'observer.name': 'pa01',
    },
  ],
  [
    'Palo Alto threat, a comma inside quotes',
    `${PAN}THREAT,url,2049,${SESSION},block-url,"lua-dao.example/a,b?c=1",(9999),phishing,high,client-to-server,7,0x0,x,y,0,text/html`,
    {
      'event.kind': 'alert',
      'event.action': 'url_filtering',
      'event.outcome': 'failure',
      'url.domain': 'lua-dao.example',
      'url.path': '/a,b',
      'event.severity': 2,
      'panw.panos.threat.id': '9999',
      'firewall.blocked': true,
    },
  ],
  [
    'PAN-OS system log: an administrator logs in',
    `${PAN}SYSTEM,general,0,2026/05/12 10:00:00,,general,,0,0,general,informational,"User ntlan logged in via Web from 10.30.0.5 using https",77,0x0,0,0,0,0,,PA-220`,
    {
      'event.action': 'logged-in',
      'event.outcome': 'success',
      'user.name': 'ntlan',
      'source.ip': '10.30.0.5',
      'host.hostname': 'PA-220',
    },
  ],
  [
    'PAN-OS system log: a VPN password refused',
    `${PAN}SYSTEM,globalprotect,0,2026/05/12 10:00:00,,globalprotectgateway-auth-fail,GP,0,0,general,informational,"GlobalProtect gateway user authentication failed. Login from: 203.0.113.9, Source region: VN, User name: ntlan, Reason: Invalid username or password, Auth type: profile.",77,0x0,0,0,0,0,,PA-220`,
    { 'event.outcome': 'failure', 'user.name': 'ntlan', 'source.ip': '203.0.113.9' },
  ],
  [
    'PAN-OS system log: a name cannot say where it comes from',
    `${PAN}SYSTEM,auth,0,2026/05/12 10:00:00,,auth-fail,,0,0,general,medium,"failed authentication for user 'x From: 192.0.2.1, y'. Reason: Invalid username/password. From: 203.0.113.9.",77,0x0,0,0,0,0,,PA-220`,
    { 'event.outcome': 'failure', 'source.ip': '203.0.113.9', 'user.name': 'x From: 192.0.2.1, y' },
  ],
  [
    'PAN-OS decryption log',
    `${PAN}DECRYPTION,0,2561,2026/05/12 10:00:00,10.30.5.20,203.0.113.9,198.51.100.7,203.0.113.9,giai-ma,tinh\\ntlan,,ssl,vsys1,trust,untrust,ethernet1/1,ethernet1/2,fwd,2026/05/12 10:00:00,553,1,51234,443,40001,443,0x1000400,tcp,allow,N/A,,,,,4a8b,Client_Hello,Server_Hello,TLS1.2,ECDHE,AES_256_GCM,SHA384,pol,secp256r1,None,trusted,Trusted,Forward,01ab,ff00,2026/01/01,2027/01/01,V3,2048,10,10,10,10,:::,mail.example,CA1,Root1,mail.example,`,
    {
      'rule.name': 'giai-ma',
      'user.name': 'ntlan',
      'tls.version': '1.2',
      'tls.client.server_name': 'mail.example',
      'tls.server.x509.issuer.common_name': 'CA1',
      'source.nat.port': 40001,
      'event.action': undefined,
    },
  ],
  [
    'Palo Alto GlobalProtect',
    `${PAN}GLOBALPROTECT,0,2305,2026/05/12 10:00:00,vsys1,gateway-auth,login,LDAP,,ntlan,VN,PC01,203.0.113.9,0.0.0.0,0.0.0.0,0.0.0.0,id1,,6.0,Windows,"Windows 11, 64-bit",1,,,"",failure,,0,,0,GP,7,0x0`,
    {
      'event.category': ['network', 'authentication'],
      'event.outcome': 'failure',
      'source.ip': '203.0.113.9',
      'user.name': 'ntlan',
    },
  ],
  [
    'Check Point, brackets where structured data should be',
    `${CP}[action:"Drop"; ifdir:"inbound"; ifname:"eth0"; loguid:"{0x1,0x2}"; origin:"10.30.0.3"; time:"1778554800"; src:"203.0.113.9"; dst:"10.30.1.5"; s_port:"51234"; service:"445"; proto:"6"; rule_name:"chan \\"SMB\\""; product:"VPN-1 & FireWall-1"]`,
    {
      'event.dataset': 'checkpoint.firewall',
      'event.type': ['connection', 'denied'],
      'event.action': 'Drop',
      'destination.port': 445,
      'rule.name': 'chan "SMB"',
      'host.name': 'cp01',
      'observer.product': 'VPN-1 & FireWall-1',
    },
  ],
  [
    'Check Point with bars',
    'time=1778554800|hostname=cp01|product=Firewall|action=Accept|origin=10.30.0.3|loguid={0x1}|src=10.30.5.20|dst=203.0.113.9|proto=17|service=53',
    {
      'event.dataset': 'checkpoint.firewall',
      'firewall.blocked': false,
      'network.transport': 'udp',
      'destination.port': 53,
    },
  ],
  [
    'Sophos',
    '<30>device="SFW" date=2026-05-12 time=10:00:00 timezone="+07" device_name="XG-HD" device_id=C1 log_id=010102600002 log_type="Firewall" log_component="Firewall Rule" log_subtype="Denied" status="Deny" priority=Information fw_rule_id=1 user_name="" in_interface="Port1" src_mac=0a:1b:2c:3d:4e:5f src_ip=10.30.5.20 dst_ip=203.0.113.9 protocol="TCP" src_port=51234 dst_port=23 sent_bytes=40 recv_bytes=0 tran_src_ip= tran_src_port=0',
    {
      'event.dataset': 'sophos.xg',
      'event.action': 'denied',
      'event.code': '00002',
      'source.mac': '0A-1B-2C-3D-4E-5F',
      'destination.port': 23,
      'source.nat.ip': undefined,
      'firewall.blocked': true,
      'event.severity': 6,
    },
  ],
  [
    'MikroTik drops, BSD syslog without topics',
    '<134>May 12 10:00:00 rb01 DROP_WAN input: in:ether1 out:(unknown 0), connection-state:new src-mac 0a:1b:2c:3d:4e:5f, proto TCP (SYN), 203.0.113.9:51234->10.30.1.5:8291, len 52',
    {
      'event.dataset': 'mikrotik.log',
      'event.action': 'drop',
      'rule.ruleset': 'input',
      'source.ip': '203.0.113.9',
      'destination.port': 8291,
      'network.transport': 'tcp',
      'network.bytes': 52,
      'observer.ingress.interface.name': 'ether1',
    },
  ],
  [
    'MikroTik with topics and translation',
    '<134>May 12 10:00:00 rb01 firewall,info forward: in:bridge out:ether1, src-mac 0a:1b:2c:3d:4e:5f, proto UDP, 10.30.5.20:5353->203.0.113.9:53, NAT (10.30.5.20:5353->198.51.100.7:5353)->203.0.113.9:53, len 70',
    { 'mikrotik.topics': ['firewall', 'info'], 'source.nat.ip': '198.51.100.7', 'firewall.blocked': undefined },
  ],
  [
    'MikroTik login refused',
    '<134>May 12 10:00:00 rb01 system,error,critical login failure for user root from 203.0.113.9 via ssh',
    { 'event.outcome': 'failure', 'source.ip': '203.0.113.9', 'user.name': 'root', 'network.protocol': 'ssh' },
  ],
  [
    'pfSense filter',
    '<134>May 12 10:00:00 pf01 filterlog[72237]: 146,,,1535324496,igb1.12,match,block,in,4,0x0,,63,3298,0,DF,6,tcp,60,203.0.113.9,10.30.1.5,51234,853,0,S,181,,64240,,mss',
    {
      'event.dataset': 'pfsense.log',
      'event.action': 'block',
      'event.type': ['connection', 'denied'],
      'rule.id': '1535324496',
      'network.vlan.id': '12',
      'network.direction': 'inbound',
      'source.ip': '203.0.113.9',
      'destination.port': 853,
      'network.bytes': 60,
    },
  ],
  [
    'pfSense filter, IPv6',
    '<134>May 12 10:00:00 pf01 filterlog[7]: 6,,,1000000105,igb1,match,pass,out,6,0x00,0xf6279,1,udp,17,32,2001:db8::1,2001:db8::2,546,547,32',
    { 'source.ip': '2001:db8::1', 'destination.port': 547, 'network.type': 'ipv6', 'firewall.blocked': false },
  ],
  [
    'pfSense web login refused',
    "<134>May 12 10:00:00 pf01 php-fpm[9]: /index.php: webConfigurator authentication error for user 'admin' from: 203.0.113.9",
    { 'event.outcome': 'failure', 'source.ip': '203.0.113.9', 'user.name': 'admin' },
  ],
  [
    'ufw',
    '<4>May 12 10:00:00 web01 kernel: [ 1234.567890] [UFW BLOCK] IN=eth0 OUT= MAC=0a:1b:2c:3d:4e:5f:0a:1b:2c:3d:4e:60:08:00 SRC=203.0.113.9 DST=10.30.1.5 LEN=60 TOS=0x00 PREC=0x00 TTL=52 ID=7 DF PROTO=TCP SPT=51234 DPT=22 WINDOW=64240 RES=0x00 SYN URGP=0',
    {
      'event.dataset': 'iptables.log',
      'event.action': 'drop',
      'event.type': ['connection', 'denied'],
      'rule.name': 'UFW BLOCK',
      'destination.port': 22,
      'destination.mac': '0A-1B-2C-3D-4E-5F',
      'iptables.tcp.flags': ['SYN'],
      'network.direction': 'inbound',
    },
  ],
  [
    'iptables whose prefix says nothing, and a quoted packet',
    '<4>May 12 10:00:00 web01 kernel: theo-doi: IN=eth0 OUT=eth1 SRC=203.0.113.9 DST=10.30.1.5 LEN=88 PROTO=ICMP TYPE=3 CODE=3 [SRC=10.30.1.5 DST=192.0.2.9 LEN=60 PROTO=UDP SPT=1 DPT=2 LEN=40 ]',
    { 'source.ip': '203.0.113.9', 'source.port': undefined, 'event.action': undefined, 'firewall.blocked': undefined },
  ],
  [
    'Juniper, structured',
    `${SRX}RT_FLOW_SESSION_DENY [junos@2636.1.1.1.2.129 source-address="203.0.113.9" source-port="51234" destination-address="10.30.1.5" destination-port="23" service-name="junos-telnet" protocol-id="6" policy-name="chan" source-zone-name="untrust" destination-zone-name="dmz" username="N/A"]`,
    {
      'event.dataset': 'juniper_srx.log',
      'event.action': 'flow_deny',
      'network.protocol': 'telnet',
      'network.transport': 'tcp',
      'rule.name': 'chan',
      'observer.ingress.zone': 'untrust',
      'user.name': undefined,
      'firewall.blocked': true,
    },
  ],
  [
    'Juniper, plain',
    '<14>May 12 10:00:00 srx01 RT_FLOW: RT_FLOW_SESSION_DENY: session denied 203.0.113.9/51234->10.30.1.5/23 0x0 junos-telnet 6(0) chan untrust dmz UNKNOWN UNKNOWN N/A(N/A) ge-0/0/0.0',
    { 'source.ip': '203.0.113.9', 'destination.port': 23, 'rule.name': 'chan', 'observer.egress.zone': 'dmz' },
  ],
  [
    'CEF behind syslog, escapes and blanks in values',
    '<134>May 12 10:00:00 waf01 CEF:0|Hang\\|A|WAF|1.2|100|Request blocked|8|src=203.0.113.9 spt=51234 dst=10.30.1.5 dpt=443 act=blocked request=https://motcua.example/a?x\\=1 msg=Chan yeu cau la suser=ntlan cs1Label=Luat cs1=SQL injection rt=1778554800000 proto=TCP',
    {
      'event.dataset': 'cef.log',
      'observer.vendor': 'Hang|A',
      'event.severity': 8,
      message: 'Chan yeu cau la',
      'url.query': 'x=1',
      'cef.extensions.deviceCustomString1': 'SQL injection',
      'user.name': 'ntlan',
      '@timestamp': '2026-05-12T03:00:00.000Z',
      'firewall.blocked': true,
      'process.name': undefined,
    },
  ],
  [
    'CEF alone',
    'CEF:0|Hang|SP|1|7|Dang nhap|Low|duser=lan outcome=failure dst=10.30.1.5',
    { 'event.outcome': 'failure', 'user.name': 'lan', 'event.code': '7', message: 'Dang nhap' },
  ],
  [
    'CEF, the rest of the dictionary',
    'CEF:0|Hang|SP|1|7|Tep|5|suid=1001 duid=S-1-5-21-1 spriv=Administrator spid=77 dpid=88 deviceProcessName=agentd fileType=exe fileModificationTime=1778554800000 start=1778554800000 end=1778554801000 requestContext=https://a.example/ deviceInboundInterface=eth1',
    {
      'source.user.id': '1001',
      'destination.user.id': 'S-1-5-21-1',
      'source.user.group.name': 'Administrator',
      'source.process.pid': 77,
      'process.pid': 88,
      'process.name': 'agentd',
      'file.type': 'exe',
      'file.mtime': '2026-05-12T03:00:00.000Z',
      'event.start': '2026-05-12T03:00:00.000Z',
      'event.end': '2026-05-12T03:00:01.000Z',
      'http.request.referrer': 'https://a.example/',
      'observer.ingress.interface.name': 'eth1',
    },
  ],
  [
    'LEEF 1.0',
    '<13>May 12 10:00:00 dev LEEF:1.0|Hang|SP|1|deny|src=203.0.113.9\tdst=10.30.1.5\tdstPort=22\tproto=6\tusrName=lan\taction=deny',
    { 'event.dataset': 'leef.log', 'destination.port': 22, 'network.transport': 'tcp', 'firewall.blocked': true },
  ],
  [
    'LEEF 2.0 with its own separator',
    'LEEF:2.0|Hang|SP|1|7|x5E|src=203.0.113.9^dst=10.30.1.5^sev=5^msg=a b',
    { 'source.ip': '203.0.113.9', 'event.severity': 5, message: 'a b' },
  ],
  [
    'pairs of no known maker',
    'time=2026-05-12T10:00:00+07:00 level=warn msg="dang nhap hong" user=lan src_ip=203.0.113.9',
    { 'event.dataset': 'generic.logfmt', 'log.level': 'warn', message: 'dang nhap hong', 'source.ip': '203.0.113.9' },
  ],
])('reads %s', (_name, text, expected) => {
  const event = eventOf(line(text))
  for (const [field, value] of Object.entries(expected)) expect([field, event[field]]).toEqual([field, value])
})

const VPN = { receivedAtMs: Date.UTC(2026, 4, 12), origin: { input: 'http', address: '192.0.2.10', stream: 'pfsense' } }

test.each<[string, object]>([
  [
    "user 'ntlan' could not authenticate.",
    { 'event.outcome': 'failure', 'event.action': 'logon-failed', 'user.name': 'ntlan' },
  ],
  ["user 'x' authenticated' could not authenticate.", { 'event.outcome': 'failure', 'user.name': "x' authenticated" }],
  [
    "openvpn server 'ovpns1' user 'ntlan' address '203.0.113.9' - connected",
    { 'event.action': 'vpn-connected', 'user.name': 'ntlan', 'source.ip': '203.0.113.9' },
  ],
  [
    'ntlan/203.0.113.9:51234 MULTI_sva: pool returned IPv4=10.8.0.2, IPv6=(Not enabled)',
    { 'user.name': 'ntlan', 'source.ip': '203.0.113.9', 'source.port': 51234, 'event.type': ['info'] },
  ],
  [
    '203.0.113.9:51234 [ntlan] Peer Connection Initiated with [AF_INET]203.0.113.9:51234',
    { 'event.type': ['connection', 'start'], 'user.name': 'ntlan', 'source.port': 51234 },
  ],
])('reads what OpenVPN says on a pfSense: %s', (text, expected) => {
  const event = eventOf(line(`<29>May 12 10:00:00 pf01 openvpn[4711]: ${text}`, VPN))
  expect(event).toMatchObject({ 'event.dataset': 'pfsense.log', ...expected })
})

test.each<[string, string, string]>([
  ['a sentence with an equals sign', 'ket qua a=1 b=2 c=3 d=4', 'generic.text'],
  ['pairs and a sentence', 'a=1 b=2 c=3 d=4 xong', 'generic.text'],
  ['too few pairs', 'a=1 b=2', 'generic.text'],
  ['date and time without a log id', '<13>date=2026-05-12 time=10:00:00 msg="x"', 'generic.syslog'],
  ['a CEF head cut short', '<13>May 12 10:00:00 waf01 CEF:0|Hang|SP|1', 'system.syslog'],
  ['a LEEF of another version', 'LEEF:3.0|a|b|c|d|x=1', 'generic.text'],
  ['kernel without addresses', '<4>May 12 10:00:00 web01 kernel: IN=eth0 OUT= PROTO=TCP', 'system.syslog'],
  ['filterlog cut short', '<134>May 12 10:00:00 pf01 filterlog[7]: 6,,,1,igb1,match,pass', 'system.syslog'],
  ['a code in the middle of a sentence', '<13>May 12 10:00:00 srv app: saw %ASA-6-302013: Built', 'system.syslog'],
  ['a chain of no router', '<13>May 12 10:00:00 srv input: in:the house', 'system.syslog'],
])('leaves %s to others', (_name, text, dataset) => {
  const event = eventOf(line(text))
  expect(event['event.dataset']).toBe(dataset)
  expect(event['firewall.blocked']).toBeUndefined()
})

test('refuses a Check Point line whose time no calendar has', () => {
  const result = line('<134>1 2026-13-12T03:00:00Z cp01 CheckPoint 2700 - [action:"Drop"; src:"203.0.113.9"]')
  expect(result.kind === 'dead' ? result.letter.code : '').toBe('bad_time')
})

describe('hostile text', () => {
  const HEADS = [
    'date=2026-05-12 time=10:00:00 devid="F" logid="1" type="traffic" subtype="forward" ',
    '<166>%ASA-6-106100: access-list ',
    '<166>%ASA-6-113005: AAA user authentication Rejected : reason = ',
    '<166>%FTD-1-430002: AccessControlRuleAction: ',
    '<189>%SEC_LOGIN-4-LOGIN_FAILED: Login failed [user: ',
    `${PAN}THREAT,url,2049,`,
    `${CP}[action:"Drop"; loguid:"`,
    'device="SFW" log_type="Firewall" log_id=1 ',
    '<134>May 12 10:00:00 rb01 forward: in:ether1 out:ether2, proto TCP, ',
    '<134>May 12 10:00:00 pf01 filterlog: 1,,,1,em0,match,block,in,4,',
    '<4>May 12 10:00:00 web01 kernel: IN=eth0 OUT= SRC=203.0.113.9 DST=10.30.1.5 ',
    `${SRX}RT_FLOW_SESSION_DENY [junos@1 source-address="`,
    '<14>May 12 10:00:00 srx01 RT_FLOW: RT_FLOW_SESSION_DENY: session denied ',
    'CEF:0|a|b|c|d|e|5|',
    'LEEF:2.0|a|b|c|d|^|',
    'a=1 b=2 c=3 d=4 ',
  ]
  const crumb = fc.constantFrom(
    '"',
    '\\',
    '=',
    '|',
    ',',
    ': ',
    ' to ',
    ' user = ',
    '->',
    '(',
    ')',
    '[',
    ']',
    '\t',
    '^',
    'src=',
    '203.0.113.9',
    '/',
    ';',
    '\0',
    'é',
    '__proto__=1 ',
  )

  test('behind any head makes one event with a dataset, or one dead letter', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...HEADS),
        fc.array(fc.oneof(crumb, fc.string()), { maxLength: 40 }),
        (head, tail) => {
          const result = line(head + tail.join(''))
          if (result.kind === 'dead') expect(result.letter.code).not.toBe('parser_failed')
          else {
            expect(result.event['event.dataset']).toMatch(/^[a-z_]+\.[a-z_]+$/)
            for (const value of Object.values(result.event)) expect(value).not.toBe('')
          }
        },
      ),
      { numRuns: runs(1_000) },
    )
  })

  test.each(HEADS)('is read a bounded number of times: %s', (head) => {
    // With a pattern that goes back, one of these takes minutes; the test's own limit then ends it.
    for (const piece of [
      'a',
      ' ',
      'a=',
      '=',
      '"',
      '\\',
      'a:b/',
      ' to ',
      ' : user IP = ',
      '10.0.0.1->',
      ', ',
      '|',
      '(',
      '1.',
    ]) {
      const result = line(head + piece.repeat(Math.floor(200_000 / piece.length)))
      expect(result.kind === 'dead' ? result.letter.code : '').not.toBe('parser_failed')
    }
  })
})

describe('a template', () => {
  test('takes what stands between its words, greedily where it is told to', () => {
    const form = template('user <user*> from <source> via <service>')
    expect(Object.fromEntries(form.match('user a from 1 via b from 2 via ssh') ?? [])).toEqual({
      user: 'a from 1 via b',
      source: '2',
      service: 'ssh',
    })
    expect(form.match('user a via ssh')).toBeUndefined()
    expect(() => template('<a><b>')).toThrow('two places in a row')
  })
})

test('pairs and comma values survive their own quoting', () => {
  const value = fc.string({ maxLength: 30 }).map((text) => text.trim())
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 8 }), (values) => {
      const pairs = values.map((each, i) => `k${i}="${each.replace(/["\\]/g, '\\$&')}"`).join(' ')
      expect([...readPairs(pairs).values()]).toEqual(values)
      const commas = values.map((each) => `"${each.replaceAll('"', '""')}"`).join(',')
      expect(readCommaValues(commas, 100)).toEqual(values)
    }),
    { numRuns: runs(300) },
  )
})
