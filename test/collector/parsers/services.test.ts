import fc from 'fast-check'
import { expect, test } from 'vitest'
import { communityId } from '../../../collector/community-id.ts'
import { eventOf, loadLine } from './line.ts'

const line = await loadLine()
const AT = '[12/May/2026:09:59:58 +0700]'
const TIME = '2026-05-12T02:59:58.000Z'
const json = (record: object): string => JSON.stringify(record)
const EVE = { timestamp: '2026-05-12T09:59:58.123456+0700', flow_id: 1, src_ip: '203.0.113.9', src_port: 4711 }
const FLOW = { ...EVE, dest_ip: '10.10.1.5', dest_port: 80, proto: 'TCP' }
const CONN = { ts: 1778554798.25, uid: 'Cx1', 'id.orig_h': '203.0.113.9', 'id.orig_p': 4711 }
const ZEEK = { ...CONN, 'id.resp_h': '10.10.1.5', 'id.resp_p': 445 }

const rows: [string, string, object][] = [
  [
    'suricata alert',
    json({
      ...FLOW,
      event_type: 'alert',
      alert: {
        action: 'blocked',
        gid: 1,
        signature_id: 9000001,
        rev: 2,
        signature: 'LOCAL web shell upload',
        category: 'Web Application Attack',
        severity: 1,
        metadata: { mitre_technique_id: ['T1505'] },
      },
      http: {
        hostname: 'motcua.example.vn',
        url: '/up.php?x=1',
        http_method: 'POST',
        protocol: 'HTTP/1.1',
        status: 200,
      },
      app_proto: 'http',
    }),
    {
      '@timestamp': '2026-05-12T02:59:58.123Z',
      'event.dataset': 'suricata.eve',
      'event.module': 'suricata',
      'event.kind': 'alert',
      'event.category': ['network', 'intrusion_detection'],
      'event.type': ['denied'],
      'event.severity': 1,
      'rule.id': '9000001',
      'rule.name': 'LOCAL web shell upload',
      'threat.technique.id': ['T1505'],
      'source.ip': '203.0.113.9',
      'destination.port': 80,
      'network.transport': 'tcp',
      'url.path': '/up.php',
      'url.domain': 'motcua.example.vn',
      'suricata.eve.alert.gid': 1,
    },
  ],
  [
    'suricata dns answer',
    json({
      ...FLOW,
      proto: 'UDP',
      event_type: 'dns',
      dns: {
        type: 'answer',
        id: 7,
        rcode: 'NOERROR',
        rd: true,
        ra: true,
        rrname: 'a.example.vn',
        rrtype: 'A',
        answers: [{ rrname: 'a.example.vn', rrtype: 'A', ttl: 60, rdata: '192.0.2.7' }],
      },
    }),
    {
      'dns.question.name': 'a.example.vn',
      'dns.question.type': 'A',
      'dns.response_code': 'NOERROR',
      'dns.resolved_ip': ['192.0.2.7'],
      'dns.answers': [{ name: 'a.example.vn', type: 'A', data: '192.0.2.7', ttl: 60 }],
      'dns.header_flags': ['RD', 'RA'],
      'network.protocol': 'dns',
    },
  ],
  [
    'suricata dns question of format 3',
    json({
      ...FLOW,
      event_type: 'dns',
      dns: { version: 3, type: 'request', queries: [{ rrname: 'b.example.vn', rrtype: 'TXT' }] },
    }),
    { 'dns.type': 'query', 'dns.question.name': 'b.example.vn', 'dns.question.type': 'TXT' },
  ],
  [
    'suricata tls',
    json({
      ...FLOW,
      event_type: 'tls',
      tls: {
        subject: 'C=VN, O=Demo, CN=c2.example',
        issuerdn: 'CN=Demo CA',
        fingerprint: 'aa:bb',
        sni: 'c2.example',
        version: 'TLS 1.3',
        notbefore: '2026-01-01T00:00:00',
        ja3: { hash: 'abc' },
      },
    }),
    {
      'tls.version': '1.3',
      'tls.client.server_name': 'c2.example',
      'tls.server.hash.sha1': 'AABB',
      'tls.server.x509.subject.common_name': 'c2.example',
      'tls.server.not_before': '2026-01-01T00:00:00.000Z',
      'tls.client.ja3': 'abc',
      'destination.domain': 'c2.example',
    },
  ],
  [
    'suricata flow',
    json({
      ...FLOW,
      event_type: 'flow',
      flow: {
        bytes_toserver: 10,
        bytes_toclient: 5,
        start: '2026-05-12T09:59:56.000000+0700',
        end: '2026-05-12T09:59:58.000000+0700',
      },
    }),
    { 'network.bytes': 15, 'event.duration': 2_000_000_000, 'event.type': ['connection'] },
  ],
  [
    'suricata flow, closed, with the cards',
    json({
      ...FLOW,
      event_type: 'flow',
      app_proto: 'failed',
      ether: { src_mac: '00:1c:42:aa:bb:01', dest_mac: '00:1c:42:aa:bb:02' },
      flow: { state: 'closed' },
    }),
    {
      'event.type': ['connection', 'end'],
      'source.mac': '00-1C-42-AA-BB-01',
      'destination.mac': '00-1C-42-AA-BB-02',
    },
  ],
  [
    'suricata dns answers, grouped',
    json({ ...FLOW, event_type: 'dns', dns: { type: 'answer', rrname: 'a.vn', grouped: { A: ['203.0.113.9'] } } }),
    { 'dns.answers': [{ type: 'A', data: '203.0.113.9' }], 'dns.resolved_ip': ['203.0.113.9'] },
  ],
  [
    'suricata alert about a question',
    json({ ...FLOW, event_type: 'alert', alert: {}, dns: { query: [{ rrname: 'a.vn', rrtype: 'TXT' }] } }),
    { 'dns.question.name': 'a.vn', 'dns.question.type': 'TXT' },
  ],
  [
    'suricata tls, its hashes',
    json({ ...FLOW, event_type: 'tls', tls: { fingerprint: 'aa:bb', ja3: { hash: 'abc' }, ja3s: { hash: 'def' } } }),
    { 'related.hash': ['AABB', 'abc', 'def'] },
  ],
  [
    'suricata http2 and ftp_data are http and ftp',
    json({ ...FLOW, event_type: 'http2', http: { hostname: 'a.vn', status: 404 } }),
    { 'event.category': ['network', 'web'], 'network.protocol': 'http', 'url.domain': 'a.vn' },
  ],
  ['suricata ftp_data', json({ ...FLOW, event_type: 'ftp_data' }), { 'network.protocol': 'ftp' }],
  [
    'suricata smb',
    json({ ...FLOW, event_type: 'smb', smb: { ntlmssp: { user: 'lan', domain: 'EX', host: 'PC1' } } }),
    { 'user.name': 'lan', 'user.domain': 'EX' },
  ],
  [
    'suricata smtp',
    json({ ...FLOW, event_type: 'smtp', smtp: { mail_from: '<a@b.vn>', rcpt_to: ['<c@d.vn>'] } }),
    { 'email.from.address': '<a@b.vn>', 'email.to.address': ['<c@d.vn>'] },
  ],
  [
    'suricata type nobody knows yet',
    json({ ...FLOW, event_type: 'quantum', quantum: { spin: 'up' } }),
    { 'event.dataset': 'suricata.eve', 'network.protocol': 'quantum', 'suricata.eve.quantum.spin': 'up' },
  ],
  [
    'suricata stats, counters left out',
    json({ timestamp: EVE.timestamp, event_type: 'stats', stats: { uptime: 5 } }),
    { 'event.kind': 'metric', 'event.dataset': 'suricata.eve' },
  ],
  [
    'zeek conn',
    json({
      ...ZEEK,
      proto: 'tcp',
      service: 'smb',
      duration: 1.5,
      orig_ip_bytes: 7,
      resp_ip_bytes: 3,
      conn_state: 'SF',
      local_orig: false,
      local_resp: true,
    }),
    {
      '@timestamp': '2026-05-12T02:59:58.250Z',
      'event.dataset': 'zeek.connection',
      'event.id': 'Cx1',
      'event.duration': 1_500_000_000,
      'network.direction': 'inbound',
      'network.bytes': 10,
      'network.protocol': 'smb',
      'zeek.conn.conn_state': 'SF',
    },
  ],
  [
    'zeek dns by path',
    json({
      ...ZEEK,
      _path: 'dns',
      proto: 'udp',
      trans_id: 5,
      query: 'a.example.vn',
      qtype_name: 'A',
      rcode_name: 'NXDOMAIN',
      AA: false,
      RD: true,
    }),
    {
      'event.dataset': 'zeek.dns',
      'dns.question.name': 'a.example.vn',
      'event.outcome': 'failure',
      'dns.header_flags': ['RD'],
    },
  ],
  [
    'zeek http',
    json({
      ...ZEEK,
      trans_depth: 1,
      method: 'GET',
      host: 'x.example',
      uri: '/a.exe?b',
      user_agent: 'curl/8',
      request_body_len: 0,
      status_code: 404,
    }),
    {
      'event.dataset': 'zeek.http',
      'url.domain': 'x.example',
      'url.path': '/a.exe',
      'url.query': 'b',
      'event.outcome': 'failure',
    },
  ],
  [
    'zeek ssl',
    json({ ...ZEEK, established: true, version: 'TLSv12', server_name: 'x.example' }),
    { 'event.dataset': 'zeek.ssl', 'tls.version': '1.2', 'tls.established': true },
  ],
  [
    'zeek ssh',
    json({ ...ZEEK, auth_success: false, auth_attempts: 3 }),
    { 'event.dataset': 'zeek.ssh', 'event.outcome': 'failure' },
  ],
  [
    'zeek files',
    json({
      ts: CONN.ts,
      fuid: 'F1',
      tx_hosts: ['203.0.113.9'],
      rx_hosts: ['10.10.1.5'],
      conn_uids: ['C2'],
      analyzers: [],
      md5: 'ab',
      total_bytes: 9,
    }),
    {
      'event.dataset': 'zeek.files',
      'file.hash.md5': 'ab',
      'file.size': 9,
      'server.ip': '203.0.113.9',
      'event.id': 'C2',
    },
  ],
  [
    'zeek notice',
    json({ ts: CONN.ts, note: 'Scan::Port_Scan', msg: '203.0.113.9 scanned', src: '203.0.113.9', dropped: true }),
    {
      'event.dataset': 'zeek.notice',
      'event.kind': 'alert',
      'event.type': ['info', 'denied'],
      'rule.name': 'Scan::Port_Scan',
      'source.ip': '203.0.113.9',
    },
  ],
  [
    'zeek smb_files',
    json({ ...ZEEK, action: 'SMB::FILE_OPEN', path: '\\\\srv\\ADMIN$', name: 'a.exe', size: 1 }),
    { 'event.dataset': 'zeek.smb_files', 'file.path': '\\\\srv\\ADMIN$\\a.exe', 'network.protocol': 'smb' },
  ],
  [
    'zeek kerberos',
    json({ ...ZEEK, request_type: 'TGS', client: 'lan/EXAMPLE.VN', success: true }),
    { 'user.name': 'lan', 'user.domain': 'EXAMPLE.VN', 'event.outcome': 'success' },
  ],
  [
    'zeek conn, refused',
    json({ ...ZEEK, proto: 'tcp', conn_state: 'REJ', orig_l2_addr: '00:1c:42:aa:bb:01' }),
    { 'event.type': ['connection', 'start', 'denied'], 'source.mac': '00-1C-42-AA-BB-01' },
  ],
  [
    'zeek conn, seen from the middle',
    json({ ...ZEEK, proto: 'tcp', conn_state: 'OTH' }),
    { 'event.type': ['connection', 'info'] },
  ],
  [
    'zeek conn of ICMP: an echo has a type and a code, no ports',
    json({
      ts: CONN.ts,
      uid: 'Ci1',
      'id.orig_h': '192.168.0.89',
      'id.orig_p': 8,
      'id.resp_h': '192.168.0.1',
      'id.resp_p': 0,
      proto: 'icmp',
      conn_state: 'OTH',
    }),
    { 'network.community_id': '1:X0snYXpgwiv9TZtqg64sgzUn6Dk=' }, // of the specification's own examples
  ],
  [
    'zeek smb_files, deleted',
    json({
      ...ZEEK,
      action: 'SMB::FILE_DELETE',
      name: 'a.exe',
      'times.modified': 1_778_554_798.25,
      'times.created': '2026-05-12T02:59:58Z',
    }),
    {
      'event.type': ['connection', 'protocol', 'info', 'deletion'],
      'file.mtime': '2026-05-12T02:59:58.250Z',
      'file.created': '2026-05-12T02:59:58.000Z',
    },
  ],
  [
    'zeek dnp3, the answer alone',
    json({ ...ZEEK, fc_reply: 'RESPONSE', iin: 1 }),
    { 'event.dataset': 'zeek.dnp3', 'event.action': 'response', 'network.transport': 'tcp' },
  ],
  [
    'zeek sip, refused',
    json({ ...ZEEK, _path: 'sip', method: 'REGISTER', status_code: 403 }),
    { 'event.outcome': 'failure', 'event.type': ['connection', 'protocol', 'error'] },
  ],
  [
    'zeek radius',
    json({ ...ZEEK, _path: 'radius', username: 'lan', result: 'failed' }),
    { 'network.transport': 'udp', 'user.name': 'lan', 'event.outcome': 'failure' },
  ],
  [
    'zeek dhcp',
    json({
      ts: CONN.ts,
      uids: ['D1', 'D2'],
      client_addr: '10.10.1.5',
      server_addr: '10.10.1.1',
      mac: '00:1c:42:aa:bb:01',
      domain: 'haiduong.example',
      msg_types: ['REQUEST', 'ACK'],
    }),
    {
      'event.id': 'D1',
      'network.name': 'haiduong.example',
      'source.mac': '00-1C-42-AA-BB-01',
      'source.port': 68,
      'destination.port': 67,
    },
  ],
  [
    'zeek known_services',
    json({ ts: CONN.ts, host: '10.10.1.5', port_num: 3389, port_proto: 'tcp', service: ['RDP'] }),
    {
      'event.dataset': 'zeek.known_services',
      'host.ip': '10.10.1.5',
      'server.ip': '10.10.1.5',
      'server.port': 3389,
      'network.application': 'rdp',
      'network.transport': 'tcp',
      'event.type': ['info'],
    },
  ],
  [
    'zeek software',
    json({ ts: CONN.ts, host: '10.10.1.5', software_type: 'HTTP::BROWSER', unparsed_version: 'curl/8' }),
    { 'event.dataset': 'zeek.software', 'host.ip': '10.10.1.5', 'event.category': ['network', 'file'] },
  ],
  [
    'zeek ftp with a file',
    json({ ...ZEEK, command: 'RETR', reply_code: 226, user: 'lan', file_size: 9, mime_type: 'text/plain' }),
    { 'event.action': 'RETR', 'file.size': 9, 'file.mime_type': 'text/plain', 'user.name': 'lan' },
  ],
  [
    'zeek notice about a file and a port',
    json({
      ts: CONN.ts,
      note: 'TeamCymruMalwareHashRegistry::Match',
      msg: 'known bad',
      src: '203.0.113.9',
      dst: '10.10.1.5',
      p: 445,
      file_mime_type: 'application/x-dosexec',
      'f.total_bytes': 9,
    }),
    { 'destination.port': 445, 'file.mime_type': 'application/x-dosexec', 'file.size': 9 },
  ],
  [
    'zeek x509, with the names that ECS recommends',
    json({ ts: CONN.ts, 'certificate.subject': 'CN=a', 'certificate.sig_alg': 'ecdsa-with-SHA384' }),
    { 'file.x509.signature_algorithm': 'ECDSA-SHA384' },
  ],
  [
    'zeek ldap search',
    json({ ...ZEEK, _path: 'ldap_search', base_object: 'dc=vn' }),
    { 'event.dataset': 'zeek.ldap_search', 'network.protocol': 'ldap' },
  ],
  [
    'zeek log nobody knows yet',
    json({ ...ZEEK, _path: 'quic', server_name: 'x' }),
    { 'event.dataset': 'zeek.quic', 'zeek.quic.server_name': 'x' },
  ],
  [
    'iis, default fields of version 10',
    '2026-05-12 02:59:58 10.10.2.9 POST /login.aspx ReturnUrl=%2f 443 EX\\lan 203.0.113.9 Mozilla/5.0+(X11) https://a.example/ 401 2 5 31',
    {
      '@timestamp': TIME,
      'event.dataset': 'iis.access',
      'destination.ip': '10.10.2.9',
      'destination.port': 443,
      'source.ip': '203.0.113.9',
      'user.name': 'EX\\lan',
      'url.path': '/login.aspx',
      'url.query': 'ReturnUrl=%2f',
      'url.extension': 'aspx',
      'user_agent.original': 'Mozilla/5.0 (X11)',
      'http.request.referrer': 'https://a.example/',
      'http.response.status_code': 401,
      'iis.access.sub_status': 2,
      'event.duration': 31_000_000,
      'event.outcome': 'failure',
    },
  ],
  [
    'iis, all fields and X-Forwarded-For',
    '2026-05-12 02:59:58 W3SVC1 WEB01 10.10.2.9 GET / - 80 - 10.10.2.1 HTTP/1.1 curl/8 a=b - motcua.example.vn 200 0 0 1437 534 7 203.0.113.9',
    {
      'iis.access.site_name': 'W3SVC1',
      'iis.access.server_name': 'WEB01',
      'iis.access.cookie': 'a=b',
      'http.version': '1.1',
      'url.domain': 'motcua.example.vn',
      'http.response.body.bytes': 1437,
      'http.request.body.bytes': 534,
      'network.forwarded_ip': '203.0.113.9',
      'event.duration': 7_000_000,
    },
  ],
  [
    // What a client puts into its agent and its host must not become the status.
    'iis, a client that speaks in numbers',
    '2026-05-12 02:59:58 W3SVC1 WEB01 10.10.2.9 GET / - 80 - 203.0.113.9 HTTP/1.1 200 200 0 0 403 4 5 1437 534 7',
    { 'http.response.status_code': 403, 'user_agent.original': '200' },
  ],
  [
    'iis comment',
    '#Fields: date time s-ip cs-method cs-uri-stem',
    { 'event.dataset': 'iis.access', message: '#Fields: date time s-ip cs-method cs-uri-stem' },
  ],
  [
    'iis, HTTP.sys errors',
    '2026-05-12 02:59:58 203.0.113.9 2780 10.10.2.9 80 HTTP/1.1 GET /a?b 400 - Hostname -',
    {
      'event.dataset': 'iis.error',
      'source.port': 2780,
      'http.response.status_code': 400,
      'iis.error.reason_phrase': 'Hostname',
      'url.query': 'b',
    },
  ],
  [
    'squid native',
    '1778554798.250    187 10.10.1.5 TCP_DENIED/403 3822 CONNECT c2.example:443 lan HIER_NONE/- text/html',
    {
      '@timestamp': '2026-05-12T02:59:58.250Z',
      'event.dataset': 'squid.access',
      'source.ip': '10.10.1.5',
      'event.action': 'TCP_DENIED',
      'event.type': ['access', 'denied'],
      'event.outcome': 'failure',
      'http.request.method': 'CONNECT',
      'url.domain': 'c2.example',
      'url.port': 443,
      'user.name': 'lan',
      'http.response.mime_type': 'text/html',
      'event.duration': 187_000_000,
    },
  ],
  [
    'squid native, where it went',
    '1778554798.250      1 10.10.1.5 TCP_MISS/200 9 GET http://x.example/a.exe?b - HIER_DIRECT/203.0.113.9 -',
    {
      'url.domain': 'x.example',
      'url.path': '/a.exe',
      'url.extension': 'exe',
      'destination.ip': '203.0.113.9',
      'event.outcome': 'success',
    },
  ],
  [
    'squid combined',
    `10.10.1.5 - lan ${AT} "GET http://x.example/a HTTP/1.1" 200 9 "-" "curl/8" TCP_MISS:HIER_DIRECT`,
    {
      'event.dataset': 'squid.access',
      'url.domain': 'x.example',
      'user.name': 'lan',
      'squid.access.hierarchy': 'HIER_DIRECT',
    },
  ],
  [
    'squid, a line nobody knows',
    '<30>May 12 09:59:58 px01 squid[9]: Starting now',
    { 'event.dataset': 'squid.log', message: 'Starting now', 'process.pid': 9 },
  ],
  [
    'haproxy http',
    '<134>May 12 09:59:58 lb01 haproxy[12]: 203.0.113.9:4711 [12/May/2026:09:59:58.250] www~ app/web1 10/0/30/69/109 503 2750 - - SC-- 1/2/3/4/0 5/6 {motcua.example.vn} {} "GET /a?b HTTP/1.1"',
    {
      '@timestamp': '2026-05-12T02:59:58.250Z',
      'event.dataset': 'haproxy.log',
      'source.port': 4711,
      'haproxy.frontend_name': 'www~',
      'haproxy.server_name': 'web1',
      'haproxy.termination_state': 'SC--',
      'haproxy.connections.backend': 3,
      'http.response.status_code': 503,
      'url.path': '/a',
      'event.outcome': 'failure',
      'event.duration': 109_000_000,
    },
  ],
  [
    'haproxy tcp, no header',
    '203.0.113.9:4711 [12/May/2026:09:59:58.250] db db/pg1 0/1/5007 212 -- 0/0/0/0/3 0/0',
    {
      'event.dataset': 'haproxy.log',
      'event.category': ['network'],
      'haproxy.connections.retries': 3,
      'event.outcome': 'success',
    },
  ],
  [
    'haproxy handshake error',
    '<134>May 12 09:59:58 lb01 haproxy[12]: 203.0.113.9:4711 [12/May/2026:09:59:58.250] www/1: SSL handshake failure',
    {
      'haproxy.bind_name': '1',
      message: 'SSL handshake failure',
      'event.outcome': 'failure',
      'source.ip': '203.0.113.9',
    },
  ],
  [
    'haproxy server state',
    '<134>May 12 09:59:58 lb01 haproxy[12]: Server app/web1 is DOWN, reason: Layer4 timeout.',
    { 'event.action': 'server-down', 'haproxy.server_name': 'web1' },
  ],
  [
    'haproxy, a line nobody knows',
    '<134>May 12 09:59:58 lb01 haproxy[12]: Proxy x started.',
    { 'event.dataset': 'haproxy.log', message: 'Proxy x started.' },
  ],
  [
    'modsecurity in an nginx error log',
    '2026/05/12 09:59:58 [error] 12#13: *5 [client 203.0.113.9] ModSecurity: Access denied with code 403 (phase 2). Matched "Operator `Ge" [file "/etc/crs/REQUEST-942.conf"] [line "80"] [id "942100"] [rev ""] [msg "SQL Injection Attack Detected via libinjection"] [data "x [id \\"1\\"]"] [severity "2"] [ver "OWASP_CRS/4.0"] [tag "attack-sqli"] [hostname "10.10.2.9"] [uri "/a"] [unique_id "177855479812.345"] [ref ""], client: 203.0.113.9, server: motcua.example.vn, request: "GET /a?id=1 HTTP/1.1", host: "motcua.example.vn"',
    {
      'event.dataset': 'modsecurity.log',
      'event.kind': 'alert',
      'event.type': ['denied'],
      'rule.id': '942100',
      'rule.name': 'SQL Injection Attack Detected via libinjection',
      'rule.category': 'attack-sqli',
      'event.severity': 2,
      'http.response.status_code': 403,
      'source.ip': '203.0.113.9',
      'url.path': '/a',
      'transaction.id': '177855479812.345',
    },
  ],
  [
    'modsecurity in an Apache error log',
    '[Tue May 12 09:59:58.123456 2026] [security2:error] [pid 12:tid 34] [client 203.0.113.9:4711] [client 203.0.113.9] ModSecurity: Warning. Pattern match "x" at ARGS:a. [file "/etc/crs/a.conf"] [line "1"] [id "930100"] [msg "Path Traversal"] [severity "CRITICAL"] [uri "/b"] [unique_id "abc"]',
    {
      'event.dataset': 'modsecurity.log',
      'rule.id': '930100',
      'event.severity': 2,
      'event.type': ['allowed'],
      'url.path': '/b',
      'source.port': 4711,
    },
  ],
  [
    'modsecurity audit, version 2',
    json({
      transaction: {
        time: '12/May/2026:09:59:58 +0700',
        transaction_id: 'T1',
        remote_address: '203.0.113.9',
        remote_port: 4711,
        local_address: '10.10.2.9',
        local_port: 80,
      },
      request: { request_line: 'GET /a?b=1 HTTP/1.1', headers: { Host: 'motcua.example.vn', 'User-Agent': 'curl/8' } },
      response: { status: 403 },
      audit_data: {
        messages: [
          'Warning. x [file "f"] [line "1"] [id "932160"] [msg "Unix Shell"]',
          'Denied [file "f"] [id "949110"] [msg "Score"]',
        ],
      },
    }),
    {
      '@timestamp': TIME,
      'event.dataset': 'modsecurity.auditlog',
      'rule.id': '932160',
      'modsec.audit.rule_ids': ['932160', '949110'],
      'event.action': 'blocked',
      'url.domain': 'motcua.example.vn',
      'transaction.id': 'T1',
    },
  ],
  [
    'modsecurity audit, version 3',
    json({
      transaction: {
        client_ip: '203.0.113.9',
        time_stamp: 'Tue May 12 09:59:58 2026',
        client_port: 4711,
        host_ip: '10.10.2.9',
        host_port: 443,
        unique_id: 'U1',
        request: { method: 'GET', http_version: 1.1, uri: '/a?b', headers: { Host: 'x.example:443' } },
        response: { http_code: 200 },
        messages: [{ message: 'XSS', details: { match: 'm', ruleId: '941100', severity: '2', tags: ['attack-xss'] } }],
      },
    }),
    {
      '@timestamp': TIME,
      'event.kind': 'alert',
      'rule.id': '941100',
      'rule.name': 'XSS',
      'rule.category': 'attack-xss',
      'url.query': 'b',
      'url.domain': 'x.example',
    },
  ],
  [
    'postfix sasl failure',
    '<20>May 12 09:59:58 mx01 postfix/smtpd[9]: warning: unknown[203.0.113.9]: SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username=lan@example.vn',
    {
      'event.dataset': 'postfix.log',
      'event.outcome': 'failure',
      'event.category': ['authentication'],
      'source.ip': '203.0.113.9',
      'user.name': 'lan@example.vn',
      'log.level': 'warning',
    },
  ],
  [
    'postfix sasl success',
    '<22>May 12 09:59:58 mx01 postfix/submission/smtpd[9]: 4ABCDEF123: client=a.example[203.0.113.9]:4711, sasl_method=PLAIN, sasl_username=lan',
    {
      'event.outcome': 'success',
      'user.name': 'lan',
      'source.port': 4711,
      'source.domain': 'a.example',
      'postfix.queue_id': '4ABCDEF123',
    },
  ],
  [
    'postfix reject',
    '<22>May 12 09:59:58 mx01 postfix/smtpd[9]: NOQUEUE: reject: RCPT from unknown[203.0.113.9]: 554 5.7.1 <x@a.example>: Relay access denied; from=<y@b.example> to=<x@a.example> proto=ESMTP helo=<z>',
    {
      'event.type': ['denied'],
      'postfix.reply_code': 554,
      'email.from.address': 'y@b.example',
      'email.to.address': 'x@a.example',
      'postfix.helo': 'z',
    },
  ],
  [
    'postfix delivery',
    '<22>May 12 09:59:58 mx01 postfix/smtp[9]: 4ABCDEF123: to=<x@a.example>, relay=mx.a.example[192.0.2.25]:25, delay=1, dsn=2.0.0, status=sent (250 ok)',
    {
      'event.action': 'sent',
      'event.outcome': 'success',
      'email.to.address': 'x@a.example',
      'postfix.relay': 'mx.a.example[192.0.2.25]:25',
    },
  ],
  [
    'postfix, a line nobody knows',
    '<22>May 12 09:59:58 mx01 postfix/smtpd[9]: new words',
    { 'event.dataset': 'postfix.log', message: 'new words', 'process.name': 'smtpd' },
  ],
  [
    'dovecot failed login',
    '<22>May 12 09:59:58 mx01 dovecot: imap-login: Disconnected (auth failed, 3 attempts in 9 secs): user=<lan>, rip=10.0.0.1>, method=PLAIN, rip=203.0.113.9, lip=10.10.2.25, TLS, session=<abc>',
    {
      'event.dataset': 'dovecot.log',
      'event.outcome': 'failure',
      'source.ip': '203.0.113.9',
      'destination.ip': '10.10.2.25',
      'user.name': 'lan>, rip=10.0.0.1',
      'dovecot.attempts': 3,
    },
  ],
  [
    'dovecot login',
    '<22>May 12 09:59:58 mx01 dovecot: pop3-login: Login: user=<lan>, method=PLAIN, rip=203.0.113.9, lip=10.10.2.25, mpid=77, TLS',
    { 'event.outcome': 'success', 'user.name': 'lan', 'network.protocol': 'pop3', 'process.pid': 77 },
  ],
  [
    'dovecot auth',
    '<22>May 12 09:59:58 mx01 dovecot: auth: pam(lan,203.0.113.9,<abc>): unknown user',
    { 'event.outcome': 'failure', 'user.name': 'lan', 'source.ip': '203.0.113.9' },
  ],
  [
    'dovecot, a line nobody knows',
    '<22>May 12 09:59:58 mx01 dovecot: master: new words',
    { 'event.dataset': 'dovecot.log', message: 'master: new words' },
  ],
  [
    'bind query',
    '<30>May 12 09:59:58 ns1 named[7]: client @0x7f00 203.0.113.9#4711 (a.example.vn): view ngoai: query: a.example.vn IN TXT +ET(0)K (10.10.0.53)',
    {
      'event.dataset': 'bind.log',
      'dns.question.name': 'a.example.vn',
      'dns.question.type': 'TXT',
      'source.ip': '203.0.113.9',
      'destination.ip': '10.10.0.53',
      'network.transport': 'tcp',
      'bind.log.view': 'ngoai',
    },
  ],
  [
    'bind file with time, category and level',
    '12-May-2026 09:59:58.250 queries: info: client 203.0.113.9#4711 (a.example.vn): query: a.example.vn IN A + (10.10.0.53)',
    {
      '@timestamp': '2026-05-12T02:59:58.250Z',
      'bind.log.category': 'queries',
      'log.level': 'info',
      'network.transport': 'udp',
    },
  ],
  [
    'bind refusal',
    "<30>May 12 09:59:58 ns1 named[7]: client @0x7f00 203.0.113.9#4711 (a.example.vn): query (cache) 'a.example.vn/ANY/IN' denied",
    { 'event.type': ['protocol', 'denied'], 'event.outcome': 'failure', 'dns.question.type': 'ANY' },
  ],
  [
    'bind, a line nobody knows',
    '<30>May 12 09:59:58 ns1 named[7]: all zones loaded',
    { 'event.dataset': 'bind.log', message: 'all zones loaded' },
  ],
  [
    'coredns query',
    '[INFO] 10.10.1.21:42114 - 100 "AAAA IN b.example.vn. tcp 57 true 1232" NXDOMAIN qr,rd,ra 113 0.25s',
    {
      'event.dataset': 'coredns.log',
      'dns.question.name': 'b.example.vn',
      'dns.response_code': 'NXDOMAIN',
      'event.outcome': 'failure',
      'event.duration': 250_000_000,
      'network.transport': 'tcp',
    },
  ],
  [
    'coredns error',
    '[ERROR] plugin/errors: 2 b.example.vn. A: i/o timeout',
    { 'event.dataset': 'coredns.log', 'coredns.log.error.message': 'i/o timeout', 'dns.question.name': 'b.example.vn' },
  ],
  [
    'postgresql failed login',
    '2026-05-12 09:59:58.250 +07 [812] web@hoso FATAL:  password authentication failed for user "web"',
    {
      '@timestamp': '2026-05-12T02:59:58.250Z',
      'event.dataset': 'postgresql.log',
      'event.outcome': 'failure',
      'event.category': ['database', 'authentication'],
      'user.name': 'web',
      'postgresql.log.database': 'hoso',
      'process.pid': 812,
    },
  ],
  [
    'postgresql login',
    '2026-05-12 09:59:58 UTC:203.0.113.9(4711):web@hoso:[812]:LOG:  connection authorized: user=web database=hoso',
    { 'event.outcome': 'success', 'source.ip': '203.0.113.9', 'source.port': 4711, 'user.name': 'web' },
  ],
  [
    'postgresql with the names in its prefix',
    '2026-05-12 09:59:58 +07 [4711]: [2-1] user=web,db=hoso,app=DBeaver 24, main,client=203.0.113.9 ERROR:  relation "x" does not exist',
    {
      '@timestamp': TIME,
      'user.name': 'web',
      'postgresql.log.database': 'hoso',
      'postgresql.log.application_name': 'DBeaver 24, main',
      'source.ip': '203.0.113.9',
      'process.pid': 4711,
      'event.type': ['error'],
    },
  ],
  [
    'postgresql csv',
    '2026-05-12 09:59:58.250 +07,"web","hoso",812,"203.0.113.9:4711",6a.1,4,"SELECT",2026-05-12 09:00:00 +07,3/3,0,LOG,00000,"duration: 2.500 ms  statement: select ""a"", 1",,,,,,,,,"psql","client backend"',
    {
      'user.name': 'web',
      'source.ip': '203.0.113.9',
      'postgresql.log.query': 'select "a", 1',
      'event.duration': 2_500_000,
      'postgresql.log.application_name': 'psql',
      'postgresql.log.sql_state_code': '00000',
    },
  ],
  [
    'postgresql, a line nobody knows',
    '<134>May 12 09:59:58 db01 postgres[812]: new words',
    { 'event.dataset': 'postgresql.log', message: 'new words' },
  ],
  [
    'mysql 8 refusal',
    "2026-05-12T02:59:58.250000Z 9 [Note] [MY-010926] [Server] Access denied for user 'root'@'203.0.113.9' (using password: YES)",
    {
      '@timestamp': '2026-05-12T02:59:58.250Z',
      'event.dataset': 'mysql.error',
      'event.code': 'MY-010926',
      'event.outcome': 'failure',
      'user.name': 'root',
      'source.ip': '203.0.113.9',
      'mysql.thread_id': 9,
    },
  ],
  [
    'mariadb',
    '2026-05-12  9:59:58 9 [ERROR] Table is full',
    { '@timestamp': TIME, 'event.type': ['error'], 'log.level': 'ERROR', message: 'Table is full' },
  ],
  [
    'mysql slow query',
    '# Time: 2026-05-12T02:59:58.250000Z\n# User@Host: web[web] @  [203.0.113.9]  Id:  7\n# Query_time: 15.5  Lock_time: 0.1 Rows_sent: 1  Rows_examined: 9\nSET timestamp=1;\nselect sleep(15);',
    {
      'event.dataset': 'mysql.slowlog',
      'user.name': 'web',
      'source.ip': '203.0.113.9',
      'event.duration': 15_500_000_000,
      'mysql.slowlog.query': 'select sleep(15);',
    },
  ],
  [
    'mysql slow query without a time of its own',
    '# User@Host: web[web] @ localhost []  Id:     7\n# Query_time: 2.0  Lock_time: 0.0 Rows_sent: 1  Rows_examined: 9\nuse hoso;\nSET timestamp=1778554798;\nselect 1;',
    { '@timestamp': TIME, 'event.dataset': 'mysql.slowlog', 'mysql.slowlog.query': 'use hoso;\nselect 1;' },
  ],
  [
    'mysql general log, a connection',
    '2026-05-12T02:59:58.250000Z\t    9 Connect\tweb@203.0.113.9 on hoso using TCP/IP',
    {
      '@timestamp': '2026-05-12T02:59:58.250Z',
      'event.dataset': 'mysql.general',
      'event.action': 'login',
      'event.outcome': 'success',
      'user.name': 'web',
      'source.ip': '203.0.113.9',
      'mysql.thread_id': 9,
    },
  ],
  [
    'mysql general log, refused',
    "2026-05-12T02:59:58.250000Z\t    9 Connect\tAccess denied for user 'root'@'203.0.113.9' (using password: YES)",
    { 'event.outcome': 'failure', 'user.name': 'root', 'source.ip': '203.0.113.9' },
  ],
  [
    'mysql general log, a query',
    '2026-05-12T02:59:58.250000Z\t    9 Query\tselect 1',
    { 'event.action': 'query', 'mysql.general.query': 'select 1', 'event.type': ['access'] },
  ],
  [
    'mysql audit',
    json({
      timestamp: '2026-05-12 02:59:58',
      id: 1,
      class: 'connection',
      event: 'connect',
      connection_id: 9,
      account: { user: 'web', host: 'h' },
      login: { user: 'web', ip: '203.0.113.9' },
      connection_data: { status: 1045 },
    }),
    {
      '@timestamp': TIME,
      'event.dataset': 'mysql_enterprise.audit',
      'event.action': 'mysql-connect',
      'event.outcome': 'failure',
      'source.ip': '203.0.113.9',
    },
  ],
  [
    'tomcat',
    `<134>May 12 09:59:58 app01 tomcat: 203.0.113.9 - lan ${AT} "GET /manager/html HTTP/1.1" 401 9 12`,
    {
      'event.dataset': 'apache_tomcat.access',
      'event.duration': 12_000_000,
      'user.name': 'lan',
      'event.outcome': 'failure',
    },
  ],
  [
    'snort fast',
    '05/12-09:59:58.250000  [**] [1:9000001:3] "LOCAL scan" [**] [Classification: Attempted Recon] [Priority: 2] {TCP} 203.0.113.9:4711 -> 10.10.1.5:22',
    {
      '@timestamp': '2026-05-12T02:59:58.250Z',
      'event.dataset': 'snort.log',
      'rule.id': '9000001',
      'rule.name': 'LOCAL scan',
      'rule.category': 'Attempted Recon',
      'event.severity': 2,
      'source.port': 4711,
      'destination.port': 22,
    },
  ],
  [
    'snort syslog, IPv6',
    '<33>May 12 09:59:58 ids snort[9]: [1:9000001:3] LOCAL ping [Classification: Misc activity] [Priority: 3] {IPv6-ICMP} 2001:db8::9 -> 2001:db8::5',
    { 'rule.name': 'LOCAL ping', 'source.ip': '2001:db8::9', 'destination.ip': '2001:db8::5' },
  ],
  [
    'snort, a line nobody knows',
    '<33>May 12 09:59:58 ids snort[9]: new words',
    { 'event.dataset': 'snort.log', message: 'new words' },
  ],
  [
    'kubernetes audit',
    json({
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      auditID: 'k-1',
      stage: 'ResponseComplete',
      requestURI: '/api/v1/namespaces/dvc/pods?x=1',
      verb: 'create',
      user: { username: 'system:serviceaccount:dvc:ci' },
      sourceIPs: ['203.0.113.9', '10.10.3.1'],
      objectRef: { resource: 'pods', namespace: 'dvc', name: 'p1' },
      responseStatus: { code: 403 },
      requestObject: {
        spec: {
          volumes: [{ hostPath: { path: '/' } }],
          containers: [{ securityContext: { privileged: true, capabilities: { add: ['SYS_ADMIN'] } } }],
        },
      },
      stageTimestamp: '2026-05-12T02:59:58.250000Z',
    }),
    {
      '@timestamp': '2026-05-12T02:59:58.250Z',
      'event.dataset': 'kubernetes.audit_logs',
      'event.action': 'create',
      'event.outcome': 'failure',
      'user.name': 'system:serviceaccount:dvc:ci',
      'source.ip': '203.0.113.9',
      'orchestrator.namespace': 'dvc',
      'kubernetes.audit.hostPath': ['/'],
      'kubernetes.audit.capabilities': ['SYS_ADMIN'],
      'kubernetes.audit.privileged': true,
    },
  ],
  [
    'vcenter login',
    '<14>1 2026-05-12T02:59:58.250Z vc01 vpxd 9 - - Event [77] [1-1] [2026-05-12T02:59:58.2Z] [vim.event.UserLoginSessionEvent] [info] [EX\\lan] [] [77] [User EX\\lan@203.0.113.9 logged in as x]',
    {
      'event.dataset': 'vsphere.log',
      'event.action': 'login',
      'event.outcome': 'success',
      'user.name': 'lan',
      'user.domain': 'EX',
      'source.ip': '203.0.113.9',
    },
  ],
  [
    'esxi refused password',
    '<166>2026-05-12T02:59:58.250Z esx01 Hostd: warning hostd[9] [Originator@6876 sub=Default opID=a] Rejected password for user root from 203.0.113.9',
    { 'event.dataset': 'vsphere.log', 'event.outcome': 'failure', 'user.name': 'root', 'source.ip': '203.0.113.9' },
  ],
  [
    'esxi, a line nobody knows',
    '<166>2026-05-12T02:59:58.250Z esx01 Vpxa: new words',
    { 'event.dataset': 'vsphere.log', message: 'new words' },
  ],
  [
    'sql server login',
    "2026-05-12 09:59:58.25 Logon       Login failed for user 'EX\\a' [CLIENT: 10.0.0.1]'. Reason: Password did not match that for the login provided. [CLIENT: 203.0.113.9]",
    {
      '@timestamp': '2026-05-12T02:59:58.250Z',
      'event.dataset': 'microsoft_sqlserver.log',
      'event.outcome': 'failure',
      'source.ip': '203.0.113.9',
      'user.domain': 'EX',
    },
  ],
  [
    'sql server error',
    '2026-05-12 09:59:58.25 spid52s     Error: 18456, Severity: 14, State: 8.',
    { 'event.code': '18456', 'event.severity': 14, 'event.type': ['error'] },
  ],
]

test('what Zeek logs of ICMP in the place of ports are none, nor is a failed guess an application', () => {
  const echo = eventOf(line(json({ ...ZEEK, proto: 'icmp', conn_state: 'OTH' })))
  expect(echo).not.toHaveProperty('source.port')
  expect(echo).not.toHaveProperty('destination.port')
  const flow = eventOf(line(json({ ...FLOW, event_type: 'flow', app_proto: 'failed', flow: {} })))
  expect(flow).not.toHaveProperty('network.protocol')
})

test.each(rows)('%s', (_, text, fields) => {
  expect(eventOf(line(text))).toMatchObject(fields)
})

test('the stream a sender names tells Tomcat and IIS', () => {
  const origin = (stream: string) => ({ input: 'http-ndjson', address: '192.0.2.1', stream })
  const access = `203.0.113.9 - - ${AT} "GET / HTTP/1.1" 200 5`
  expect(eventOf(line(access, { origin: origin('tomcat') }))['event.dataset']).toBe('apache_tomcat.access')
  const odd = '2026-05-12 02:59:58 203.0.113.9 GET /x'
  expect(eventOf(line(odd))['event.dataset']).toBe('generic.text')
  expect(eventOf(line(odd, { origin: origin('iis') }))).toMatchObject({ 'event.dataset': 'iis.access', message: odd })
  const zeek = json({ ...ZEEK, verdict: 1 })
  expect(eventOf(line(zeek, { origin: origin('zeek-own') }))['event.dataset']).toBe('zeek.own')
})

test.each([
  ['{"ts":1,"service":"hoso","action":"read","user":"lan"}', 'app.hoso'],
  ['{"event_type":"alert","timestamp":"2026-05-12T02:59:58Z"}', 'generic.json'],
  ['{"transaction":{"id":1}}', 'generic.json'],
  ['{"kind":"Event","verb":"get"}', 'generic.json'],
  ['{"class":"a","event":"b","account":{}}', 'generic.json'],
  ['1778554798.250 x', 'generic.text'],
  ['#Fields: of wheat', 'generic.text'],
  ['# Time: to go', 'generic.text'],
  ['[INFO] ready', 'generic.text'],
  ['[1:2:3] no tail', 'generic.text'],
  ['2026-05-12 09:59:58.25 spid', 'generic.text'],
])('%s is not theirs', (text, dataset) => {
  expect(eventOf(line(text))['event.dataset']).toBe(dataset)
})

test.each([
  '2026-13-12 02:59:58 10.10.2.9 GET / - 443 - 203.0.113.9 a - 200 0 0 1',
  `10.10.1.5 - - [32/May/2026:09:59:58 +0700] "GET http://x/ HTTP/1.1" 200 9 "-" "c" TCP_MISS:HIER_DIRECT`,
  '2026-02-30 09:59:58.25 Logon       Login failed',
  json({ transaction: { client_ip: '203.0.113.9', time_stamp: 'never' } }),
])('%s is refused', (text) => {
  expect(line(text)).toMatchObject({ kind: 'dead', letter: { code: 'bad_time' } })
})

test('a flow has one community id, from either side', () => {
  const a = { ip: '203.0.113.9', port: 4711 }
  const b = { ip: '10.10.1.5', port: 80 }
  expect(communityId('tcp', a, b)).toBe(communityId('tcp', b, a))
  expect(communityId('tcp', a, b)).not.toBe(communityId('udp', a, b))
  // The specification's own reference value.
  expect(communityId('tcp', { ip: '128.232.110.120', port: 34855 }, { ip: '66.35.250.204', port: 80 })).toBe(
    '1:LQU9qZlK+B5F3KDmev6m5PMibrg=',
  )
  const [request, reply] = [
    { ip: '192.168.0.89', port: 8 },
    { ip: '192.168.0.1', port: 0 },
  ] as const
  expect(communityId('icmp', request, { ip: '192.168.0.1', port: 0 })).toBe('1:X0snYXpgwiv9TZtqg64sgzUn6Dk=')
  expect(communityId('icmp', reply, { ip: '192.168.0.89', port: 0 })).toBe('1:X0snYXpgwiv9TZtqg64sgzUn6Dk=')
  expect(communityId('icmp', { ip: '192.168.0.89' }, { ip: '192.168.0.1' })).toBeUndefined()
  expect(communityId('tcp', a, { ip: b.ip })).toBeUndefined()
  expect(communityId('gre', a, b)).toBe(communityId('gre', { ip: b.ip }, { ip: a.ip }))
  expect(communityId('tcp', { ip: '2001:db8::1', port: 1 }, { ip: '2001:0db8:0:0:0:0:0:2', port: 2 })).toBe(
    communityId('tcp', { ip: '2001:db8::2', port: 2 }, { ip: '2001:db8:0::1', port: 1 }),
  )
})

test('any cut or change of their lines is one event or one dead letter, and no text is lost', () => {
  const change = fc.record({
    text: fc.constantFrom(...rows.map(([, text]) => text)),
    at: fc.nat(),
    inserted: fc.string({ maxLength: 12 }),
    removed: fc.nat({ max: 20 }),
  })
  const kept = ({ text, at, inserted, removed }: typeof change extends fc.Arbitrary<infer T> ? T : never): boolean => {
    const place = at % (text.length + 1)
    const changed = text.slice(0, place) + inserted + text.slice(place + removed)
    const result = line(changed)
    return result.kind === 'dead' || result.event['event.original'] === Buffer.from(changed).toString()
  }
  expect(() => fc.assert(fc.property(change, kept))).not.toThrow()
})

test.each([
  ['squid', `1778554798.250 1 10.0.0.1 TCP_MISS/200 1 GET /${' A/b'.repeat(15_000)}`],
  ['iis', `2026-05-12 02:59:58 ${'GET / - 1 - '.repeat(10_000)}`],
  [
    'haproxy',
    `<134>May 12 09:59:58 lb01 haproxy[1]: 203.0.113.9:1 [12/May/2026:09:59:58.250] a b/c ${'0/'.repeat(30_000)}`,
  ],
  ['modsecurity', `2026/05/12 09:59:58 [error] 1#1: ModSecurity: x${' [file "'.repeat(8_000)} [id "1`],
  [
    'postfix',
    `<22>May 12 09:59:58 mx01 postfix/smtpd[9]: NOQUEUE: reject: RCPT from a[1.1.1.1]: 5 ${'; from=<'.repeat(8_000)}`,
  ],
  ['dovecot', `<22>May 12 09:59:58 mx01 dovecot: auth: pam(${'a,1'.repeat(20_000)}`],
  ['postgresql', `2026-05-12 09:59:58.250 +07,${'"",'.repeat(20_000)}`],
  ['mysql', `# User@Host: ${'a[b] @ '.repeat(9_000)}`],
  ['snort', `[1:2:3] ${'[Priority: 1] {T} a '.repeat(3_000)}`],
  ['mssql', `2026-05-12 09:59:58.25 Logon       Login failed for user '${"'. Reason: [CLIENT: ".repeat(3_000)}`],
  [
    'vsphere',
    `<14>1 2026-05-12T02:59:58Z vc vpxd 9 - - Event [1] [1-1] [2026] [x] [info] [] [] [1] [${']'.repeat(60_000)}`,
  ],
  ['bind', `<30>May 12 09:59:58 ns1 named[7]: client 1.1.1.1#1 (${'a'.repeat(60_000)}`],
])('%s reads a line that would make a pattern go back', (_, text) => {
  expect(['event', 'dead']).toContain(line(text).kind)
})
