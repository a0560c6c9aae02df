import { expect, test } from 'vitest'
import { eventOf, loadLine } from './line.ts'

const line = await loadLine()
const AT = '[12/May/2026:09:59:58 +0700]'

test.each<[string, string, object]>([
  [
    'combined',
    `203.0.113.9 - - ${AT} "GET /tin-tuc/chi-tiet.aspx?id=1%27%20OR%201=1 HTTP/1.1" 404 162 "https://dichvucong.example.vn/" "sqlmap/1.8"`,
    {
      '@timestamp': '2026-05-12T02:59:58.000Z',
      'event.dataset': 'nginx.access',
      'event.category': ['web'],
      'event.type': ['access'],
      'event.outcome': 'failure',
      'source.ip': '203.0.113.9',
      'http.request.method': 'GET',
      'http.version': '1.1',
      'http.response.status_code': 404,
      'http.response.body.bytes': 162,
      'http.request.referrer': 'https://dichvucong.example.vn/',
      'user_agent.original': 'sqlmap/1.8',
      'url.original': '/tin-tuc/chi-tiet.aspx?id=1%27%20OR%201=1',
      'url.path': '/tin-tuc/chi-tiet.aspx',
      'url.query': 'id=1%27%20OR%201=1',
      'url.extension': 'aspx',
    },
  ],
  [
    'common, hence Apache',
    `203.0.113.9 - lan ${AT} "POST /login HTTP/1.0" 200 -`,
    { 'event.dataset': 'apache.access', 'user.name': 'lan', 'event.outcome': 'success' },
  ],
  [
    'virtual host with port, hence Apache',
    `motcua.example.vn:443 203.0.113.9 - - ${AT} "GET / HTTP/1.1" 200 5 "-" "curl/8"`,
    {
      'event.dataset': 'apache.access',
      'url.domain': 'motcua.example.vn',
      'destination.port': 443,
      'source.ip': '203.0.113.9',
    },
  ],
  [
    'virtual host and forwarded clients',
    `motcua.example.vn 203.0.113.9, 192.0.2.1 - - ${AT} "GET / HTTP/1.1" 200 5 "-" "curl/8"`,
    {
      'source.ip': '203.0.113.9',
      'url.domain': 'motcua.example.vn',
      'nginx.access.remote_ip_list': ['203.0.113.9', '192.0.2.1'],
    },
  ],
  [
    'by the tag of a syslog line',
    `<190>May 12 10:00:00 web01 httpd: 203.0.113.9 - - ${AT} "GET / HTTP/1.1" 200 5 "-" "x"`,
    { 'event.dataset': 'apache.access', '@timestamp': '2026-05-12T02:59:58.000Z' },
  ],
  [
    'nginx by tag, no referrer logged',
    `<190>May 12 10:00:00 web01 nginx: 203.0.113.9 - - ${AT} "GET / HTTP/1.1" 200 5`,
    { 'event.dataset': 'nginx.access', 'host.hostname': 'web01' },
  ],
  [
    // What the client sends must not move the end of any part.
    'escaped quotes, a user with brackets',
    String.raw`203.0.113.9 - a [x] b ${AT} "GET /\"HTTP/1.1\" 200 1 HTTP/1.1" 500 7 "-" "a \"b\" c"`,
    { 'http.response.status_code': 500, 'user.name': 'a [x] b', 'user_agent.original': String.raw`a \"b\" c` },
  ],
  [
    'what a scanner sends instead of a request',
    `203.0.113.9 - - ${AT} "\\x16\\x03\\x01" 400 157 "-" "-"`,
    { 'http.response.status_code': 400, 'event.outcome': 'failure' },
  ],
  [
    'an absolute URL',
    `203.0.113.9 - - ${AT} "GET http://x.example/a?b HTTP/1.1" 200 1 "-" "-"`,
    { 'url.domain': 'x.example', 'url.path': '/a', 'url.query': 'b', 'url.scheme': 'http' },
  ],
  [
    'nginx error',
    '2026/05/12 09:59:58 [error] 12#13: *5 open() "/var/www/, client: 192.0.2.1, server: x" failed (2: No such file or directory), client: 203.0.113.9, server: _, request: "GET /shell.php HTTP/1.1", upstream: "http://127.0.0.1:80/", host: "motcua.example.vn:443", referrer: "http://a/"',
    {
      '@timestamp': '2026-05-12T02:59:58.000Z',
      'event.dataset': 'nginx.error',
      'log.level': 'error',
      'process.pid': 12,
      'source.ip': '203.0.113.9',
      'url.path': '/shell.php',
      'url.domain': 'motcua.example.vn',
      'http.request.referrer': 'http://a/',
      'nginx.error.upstream': 'http://127.0.0.1:80/',
    },
  ],
  [
    'Apache 2.4 error',
    '[Tue May 12 09:59:58.123456 2026] [authz_core:error] [pid 12:tid 34] [client 203.0.113.9:4711] AH01630: client denied by server configuration: /var/www/.git, referer: http://a/',
    {
      '@timestamp': '2026-05-12T02:59:58.123Z',
      'event.dataset': 'apache.error',
      'apache.error.module': 'authz_core',
      'log.level': 'error',
      'process.pid': 12,
      'source.ip': '203.0.113.9',
      'source.port': 4711,
      'event.code': 'AH01630',
      'http.request.referrer': 'http://a/',
    },
  ],
  [
    'Apache 2.2 error',
    '[Tue May 12 09:59:58 2026] [error] [client 2001:db8::9] File does not exist: /var/www/a.php',
    { 'source.ip': '2001:db8::9', 'file.path': '/var/www/a.php' },
  ],
])('%s', (_, text, fields) => {
  expect(eventOf(line(text))).toMatchObject(fields)
})

test('the stream a sender names tells whose combined line it is', () => {
  const origin = { input: 'http-ndjson', address: '192.0.2.1', stream: 'Apache-Portal' }
  const text = `203.0.113.9 - - ${AT} "GET / HTTP/1.1" 200 5 "-" "x"`
  expect(eventOf(line(text, { origin }))['event.dataset']).toBe('apache.access')
})

test.each(['203.0.113.9 - - [12/May/2026:09:59:58 +0700] no quote', '[Tue] [error] x', '2026/05/12 09:59:58 error x'])(
  '%s is only text',
  (text) => {
    expect(eventOf(line(text))).toMatchObject({ 'event.dataset': 'generic.text', message: text })
  },
)
