import type { EcsEvent } from '../../model/event.ts'
import { deviceTime } from '../device-time.ts'
import { addRelated, integer, ipOf, lookUp, put, putPeer } from '../fields.ts'
import { judge, observe, passed, putNat, putNumber, putSourceUser, putTotals, putTransport } from '../firewall.ts'
import { putCommunityId } from '../flow.ts'
import { putNameParts, putUrl } from '../network-events.ts'
import type { Context, TextParser } from '../parser.ts'
import { putHost } from '../syslog-header.ts'
import { template } from '../template.ts'
import type { Template } from '../template.ts'
import { isoTime, parseIso } from '../time.ts'

// Cisco ASA Series Syslog Messages; FTD writes the same under %FTD, the older PIX and FWSM under theirs. A line without
// priority keeps its time and host in front of the code.
const CODE =
  /^ {0,2}(?:(?:([A-Z][a-z]{2} {1,2}\d{1,2}(?: \d{4})? \d\d:\d\d:\d\d(?:\.\d{1,6})?(?: [A-Z]{1,5})?)|(\d{4}-\d\d-\d\dT[\d:.+Z-]{8,24})):? {1,4}(?:([^\s%]{1,255}?) ?:? {1,2})?(?:Alerts {1,2})?)?(?:: )?%(ASA|FTD|PIX|FWSM|NGIPS)-(?:[a-z]{1,16}-)?([0-9])-(\d{6})(?:: ?| )/

type Kind =
  | 'deny'
  | 'permit'
  | 'built'
  | 'ended'
  | 'session'
  | 'login'
  | 'refused'
  | 'logout'
  | 'threat'
  | 'config'
  | 'error'
  | 'info'

/** Message ids, what each says, and how. Where an id has several forms, it has several rows. */
const MESSAGES: readonly (readonly [ids: string, kind: Kind, pattern: string])[] = [
  // Denied by the device or an access list.
  [
    '106001',
    'deny',
    '<direction> <transport> connection denied from <source> to <destination> flags <flags> on interface <interface>',
  ],
  ['106002', 'deny', '<transport> Connection denied by outbound list <rule> src <source> dest <destination>'],
  ['106006', 'deny', 'Deny <direction> <transport> from <source> to <destination> on interface <interface>'],
  ['106007', 'deny', 'Deny <direction> <transport> from <source> to <destination> due to <protocol>'],
  ['106010 106014', 'deny', 'Deny <direction> <transport> src <source> dst <destination> (<icmp>)'],
  ['106010 106014', 'deny', 'Deny <direction> <transport> src <source> dst <destination>(<icmp>)'],
  ['106010 106014', 'deny', 'Deny <direction> <transport> src <source> dst <destination>'],
  ['106011', 'deny', 'Deny inbound (No xlate) <transport> src <source> dst <destination>'],
  [
    '106015',
    'deny',
    'Deny <transport> (no connection) from <source> to <destination> flags <flags> on interface <interface>',
  ],
  ['106012', 'deny', 'Deny IP from <source> to <destination>, IP options'],
  ['106013', 'deny', 'Dropping echo request from <source> to PAT address <destination>'],
  ['106016', 'deny', 'Deny IP spoof from (<source>) to <destination> on interface <interface>'],
  ['106017', 'deny', 'Deny IP due to Land Attack from <source> to <destination>'],
  ['106018', 'deny', '<transport> packet type <icmp> denied by outbound list <rule> src <source> dest <destination>'],
  ['106020', 'deny', 'Deny IP teardrop fragment (<detail>) from <source> to <destination>'],
  ['106021', 'deny', 'Deny <transport> reverse path check from <source> to <destination> on interface <interface>'],
  ['106022', 'deny', 'Deny <transport> connection spoof from <source> to <destination> on interface <interface>'],
  ['106023', 'deny', 'Deny <transport> src <source> dst <destination> (<icmp>) by access-group "<rule>"'],
  ['106023', 'deny', 'Deny <transport> src <source> dst <destination> by access-group "<rule>"'],
  ['106023', 'deny', 'Deny <transport> src <source> dst <destination> by access-group <rule>'],
  [
    '106100 106102 106103',
    'info',
    "access-list <rule> <verdict> <transport> for user '<user>' <source> -> <destination> hit-cnt <hits> ",
  ],
  [
    '106102 106103',
    'info',
    'access-list <rule> <verdict> <transport> for user <user> <source> -> <destination> hit-cnt <hits> ',
  ],
  ['106100', 'info', 'access-list <rule> <verdict> <transport> <source> -> <destination> hit-cnt <hits> '],
  [
    '313001 313008',
    'deny',
    'Denied <transport> type=<icmp_type>, code=<icmp_code> from <source> on interface <interface>',
  ],
  [
    '313004',
    'deny',
    'Denied <transport> type=<icmp_type>, from laddr <source> on interface <interface> to <destination>: <reason>',
  ],
  [
    '313004',
    'deny',
    'Denied <transport> type=<icmp_type>, from <source> on interface <interface> to <destination>: <reason>',
  ],
  [
    '313005',
    'deny',
    'No matching connection for <transport> error message: <detail> src <source> dst <destination> (<icmp>) on <interface> interface',
  ],
  ['313005', 'deny', 'No matching connection for <transport> error message: <detail> on <interface> interface'],
  ['313009', 'deny', 'Denied invalid <transport> code <icmp_code>, for <source> to <destination>, ICMP'],
  ['710003', 'deny', '<transport> access denied by ACL from <source> to <destination>'],
  ['710004', 'deny', '<transport> connection limit exceeded from <source> to <destination> (<reason>)'],
  ['710005 710006', 'deny', '<transport> request discarded from <source> to <destination>'],
  ['710001', 'info', '<transport> access requested from <source> to <destination>'],
  ['710002', 'permit', '<transport> access permitted from <source> to <destination>'],
  [
    '109007',
    'permit',
    "Authorization permitted for user '<user*>' from <source> to <destination> on interface <interface>",
  ],
  ['109008', 'deny', "Authorization denied for user '<user*>' from <source> to <destination> on interface <interface>"],
  [
    '109024',
    'deny',
    'Authorization denied from <source> to <destination> (not authenticated) on interface <interface> using <protocol>',
  ],
  [
    '109025',
    'deny',
    "Authorization denied (acl=<rule>) for user '<user*>' from <source> to <destination> on interface <interface> using <protocol>",
  ],
  [
    '109015',
    'deny',
    "Authorization denied (acl=<rule>) for user '<user*>' from <source> to <destination> on interface <interface>",
  ],
  [
    '303004',
    'deny',
    'FTP <detail> command unsupported - failed strict inspection, terminating connection from <source> to <destination>',
  ],
  ['305005', 'deny', 'No translation group found for <transport> src <source> dst <destination>'],
  ['307001', 'deny', 'Denied Telnet login session from <source> on interface <interface>'],
  ['307002', 'permit', 'Permitted Telnet login session from <source>'],
  ['315001', 'deny', 'Denied SSH session from <source> on interface <interface>'],
  ['322001', 'deny', 'Deny MAC address <mac>, possible spoof attempt on interface <interface>'],
  ['410001', 'deny', 'Dropped <transport> DNS <detail> from <source> to <destination>; <reason>'],
  ['416001', 'deny', 'Dropped <transport> SNMP packet from <source> to <destination>; <reason>'],
  ['419001', 'deny', 'Dropping <transport> packet from <source> to <destination>, reason: <reason>'],
  ['420002', 'deny', 'IPS requested to drop <transport> packets from <source> to <destination> (<icmp>)'],
  ['420002', 'deny', 'IPS requested to drop <transport> packet from <source> to <destination>'],
  ['420003', 'deny', 'IPS requested to reset <transport> connection from <source> to <destination>'],
  ['450001', 'deny', 'Deny traffic for protocol <transport> src <source> dst <destination>, licensed'],
  ['419002', 'info', 'Duplicate <transport> SYN from <source> to <destination> with different'],
  [
    '434004',
    'info',
    'SFR requested ASA to bypass further packet redirection and process <transport> flow from <source> to <destination> locally',
  ],
  ['434002', 'deny', 'SFR requested to drop <transport> packet from <source> to <destination>'],
  ['110002', 'info', 'Failed to locate egress interface for <transport> from <source> to <destination>'],
  ['110003', 'info', 'Routing failed to locate next hop for <transport> from <source> to <destination>'],
  // Connections and translations.
  ['302013 302015 302035', 'built', 'Built <direction> <transport> connection <connection> for <first> to <second>'],
  ['302017', 'built', 'Built <direction> <transport> connection <connection> from <first> to <second>'],
  [
    '302014 302016 302036 302304',
    'ended',
    'Teardown <transport> connection <connection> for <source> to <destination> duration <duration> bytes <bytes> <reason>',
  ],
  [
    '302014 302016 302036',
    'ended',
    'Teardown <transport> connection <connection> for <source> to <destination> duration <duration> bytes <bytes>',
  ],
  [
    '302018',
    'ended',
    'Teardown <transport> connection <connection> from <source> to <destination> duration <duration> bytes <bytes>',
  ],
  [
    '302304 302306',
    'ended',
    'Teardown <transport> state-bypass connection <connection> from <source> to <destination> duration <duration> bytes <bytes> <reason>',
  ],
  ['302303 302305', 'built', 'Built <transport> state-bypass connection <connection> from <source> to <destination>'],
  [
    '302020',
    'built',
    'Built <direction> <transport> connection for faddr <foreign> gaddr <global> laddr <local> type <icmp_type> code <icmp_code>',
  ],
  ['302020', 'built', 'Built <direction> <transport> connection for faddr <foreign> gaddr <global> laddr <local>'],
  [
    '302021',
    'ended',
    'Teardown <transport> connection for faddr <foreign> gaddr <global> laddr <local> type <icmp_type> code <icmp_code>',
  ],
  ['302021', 'ended', 'Teardown <transport> connection for faddr <foreign> gaddr <global> laddr <local>'],
  ['302022 302024 302026', 'built', 'Built <detail> stub <transport> connection for <source> to <destination>'],
  [
    '302023 302025 302027',
    'ended',
    'Teardown stub <transport> connection for <source> to <destination> duration <duration> forwarded bytes <bytes> <reason>',
  ],
  ['305009', 'info', 'Built <detail> translation from <source> to <destination>'],
  ['305010', 'ended', 'Teardown <detail> translation from <source> to <destination> duration <duration>'],
  ['305011', 'info', 'Built <detail> <transport> translation from <source> to <destination>'],
  ['305012', 'ended', 'Teardown <detail> <transport> translation from <source> to <destination> duration <duration>'],
  ['305006', 'deny', '<detail> translation creation failed for <transport> src <source> dst <destination>'],
  [
    '305013',
    'deny',
    'Asymmetric NAT rules matched for forward and reverse flows; Connection for <transport> src <source> dst <destination> denied due to',
  ],
  ['609001', 'built', 'Built local-host <source>'],
  ['609002', 'ended', 'Teardown local-host <source> duration <duration>'],
  ['303002', 'permit', 'FTP connection from <source> to <destination>, user <user> <detail> file <file>'],
  ['304001', 'permit', '<source> Accessed URL <destination>:<url>'],
  ['304001', 'permit', '<source> Accessed JAVA URL <destination>:<url>'],
  ['304002', 'deny', 'Access denied URL <url> SRC <source> DEST <destination> on interface <interface>'],
  ['304002', 'deny', 'Access denied URL <url> SRC <source> DEST <destination>'],
  [
    '507003',
    'ended',
    '<transport> flow from <source> to <destination> terminated by inspection engine, reason - <reason>',
  ],
  ['507001', 'ended', 'Terminating TCP-Proxy connection from <source> to <destination> - <reason>'],
  ['725001', 'info', 'Starting SSL handshake with <detail> <source> to <destination> for <protocol> session'],
  ['725002', 'info', 'Device completed SSL handshake with <detail> <source> to <destination> for <protocol> session'],
  ['725003', 'info', 'SSL <detail> <source> to <destination> request'],
  ['725006', 'info', 'Device failed SSL handshake with <detail> <source> to <destination>'],
  ['725007', 'info', 'SSL session with <detail> <source> to <destination> terminated'],
  ['725016', 'info', 'Device selects trust-point <detail> for <session> <source> to <destination>'],
  ['500001 500002', 'info', '<detail> in java applet found <source> on <interface>'],
  [
    '500003',
    'deny',
    'Bad <transport> hdr length (<detail>) from <source> to <destination>, flags: <flags>, on interface <interface>',
  ],
  ['500004', 'deny', 'Invalid transport field for protocol=<transport>, from <source> to <destination>'],
  ['805001', 'info', 'Offloaded <transport> Flow for connection <connection> from <source> to <destination>'],
  [
    '805002',
    'info',
    '<transport> Flow is no longer offloaded for connection <connection> from <source> to <destination>',
  ],
  // Dynamic filter (botnet), intrusion signatures, threat detection.
  [
    '338001 338002 338003 338004 338005 338006 338007 338008 338201 338202 338203 338204',
    'threat',
    'Dynamic Filter <verdict> <detail> <transport> traffic from <source> to <destination>, <reason>',
  ],
  [
    '338001 338002 338003 338004 338005 338006 338007 338008 338201 338202 338203 338204',
    'threat',
    'Dynamic filter <verdict> <detail> <transport> traffic from <source> to <destination>, <reason>',
  ],
  ['733100', 'threat', '[<object>] drop <detail> exceeded.'],
  ['733101', 'threat', '<object> <detail> is <reason>'],
  ['733102', 'threat', 'Threat-detection adds host <source> to shun list'],
  ['733103', 'threat', 'Threat-detection removes host <source> from shun list'],
  ['401003', 'threat', 'Shun deleted: <source>'],
  ['401002', 'threat', 'Shun added: <source> <destination>'],
  ['401004', 'threat', 'Shunned packet: <source> ==> <destination> on interface <interface>'],
  // Logins and VPN.
  ['113004', 'login', 'AAA user <aaa> Successful : server = <server> : user = <user>'],
  ['113004', 'login', 'AAA user <aaa> Successful: server = <server> , User = <user>'],
  [
    '113005 113015',
    'refused',
    'AAA user authentication Rejected : reason = <reason> : server = <server> : user = <user*> : user IP = <source>',
  ],
  [
    '113005 113015',
    'refused',
    'AAA user authentication Rejected: reason = <reason>: server = <server> : user = <user*>: user IP = <source>',
  ],
  ['113005', 'refused', 'AAA user authentication Rejected : reason = <reason> : server = <server> : user = <user>'],
  [
    '113015',
    'refused',
    'AAA user authentication Rejected : reason = <reason> : local database : user = <user*> : user IP = <source>',
  ],
  ['113015', 'refused', 'AAA user authentication Rejected : reason = <reason> : local database : user = <user>'],
  [
    '113016',
    'refused',
    'AAA credentials rejected : reason = <reason> : server = <server> : user = <user*> : user IP = <source>',
  ],
  [
    '113017',
    'refused',
    'AAA credentials rejected : reason = <reason> : local database : user = <user*> : user IP = <source>',
  ],
  ['109031', 'refused', 'NT Domain Authentication Failed: rejecting guest login for <user>'],
  ['109033', 'refused', 'Authentication failed for admin user <user*> from <source>. Interactive'],
  ['109034', 'refused', 'Authentication failed for network user <user*> from <source> to <destination>. Interactive'],
  ['307003', 'refused', 'telnet login session failed from <source> ('],
  ['315002', 'login', 'Permitted SSH session from <source> on interface <interface> for user "<user*>"'],
  ['113012', 'login', 'AAA user authentication Successful : local database : user = <user>'],
  ['113012', 'login', 'AAA user authentication Successful: local database: user = <user>'],
  ['113006', 'refused', 'User <user*> locked out on exceeding <detail> successive failed authentication attempts'],
  ['113021', 'refused', 'Attempted console login failed. User <user*> did NOT have appropriate Admin Rights'],
  [
    '113019',
    'logout',
    'Group = <group>, Username = <user*>, IP = <source>, Session disconnected. Session Type: <session>, Duration: <duration>, Bytes xmt: <sent>, Bytes rcv: <received>, Reason: <reason>',
  ],
  ['113039', 'session', 'Group <<group>> User <<user*>> IP <<source>> AnyConnect parent session started'],
  ['716001', 'login', 'Group <<group>> User <<user*>> IP <<source>> WebVPN session started'],
  ['716002', 'logout', 'Group <<group>> User <<user*>> IP <<source>> WebVPN session terminated: <reason>'],
  ['716002', 'logout', 'Group <group> User <user*> IP <source> WebVPN session terminated: <reason>'],
  [
    '716038',
    'login',
    'Group <<group>> User <<user*>> IP <<source>> Authentication: successful, Session Type: <session>',
  ],
  [
    '716039',
    'refused',
    'Group <<group>> User <<user*>> IP <<source>> Authentication: rejected, Session Type: <session>',
  ],
  ['716039', 'refused', 'Authentication: rejected, group = <group> user = <user*> , Session Type: <session>'],
  ['722055', 'info', 'Group <<group>> User <<user*>> IP <<source>> Client Type: <agent>'],
  ['722022 722033', 'login', 'Group <<group>> User <<user*>> IP <<source>> <detail> SVC connection established'],
  ['722023 722037', 'logout', 'Group <<group>> User <<user*>> IP <<source>> <detail> SVC connection terminated'],
  ['722051', 'info', 'Group <<group>> User <<user*>> IP <<source>> IPv4 Address <<assigned>> IPv6 address'],
  ['722051', 'info', 'Group <<group>> User <<user*>> IP <<source>> Address <<assigned>> assigned to session'],
  ['605004', 'refused', 'Login denied from <source> to <destination>/<protocol> for user "<user>'],
  ['605005', 'login', 'Login permitted from <source> to <destination>/<protocol> for user "<user>'],
  ['606001 606003', 'login', '<detail> session number <session> from <source> started'],
  ['606002 606004', 'logout', '<detail> session number <session> from <source> ended'],
  ['611101', 'login', 'User authentication succeeded: IP address: <source>, Uname: <user>'],
  ['611101', 'login', 'User authentication succeeded: Uname: <user>'],
  ['611102', 'refused', 'User authentication failed: IP address: <source>, Uname: <user>'],
  ['611102', 'refused', 'User authentication failed: Uname: <user>'],
  ['611103', 'logout', 'User logged out: Uname: <user>'],
  [
    '315011',
    'logout',
    'SSH session from <source> on interface <interface> for user "<user*>" <detail> by SSH server, reason: <reason>',
  ],
  ['308001', 'refused', 'console enable password incorrect for <detail> tries (from <source>)'],
  [
    '109005',
    'login',
    "Authentication succeeded for user '<user*>' from <source> to <destination> on interface <interface>",
  ],
  [
    '109006',
    'refused',
    "Authentication failed for user '<user*>' from <source> to <destination> on interface <interface>",
  ],
  [
    '602303',
    'built',
    'IPSEC: An <direction> <session> SA (SPI= <detail>) between <source> and <destination> (user= <user*>) has been created',
  ],
  [
    '602304',
    'ended',
    'IPSEC: An <direction> <session> SA (SPI= <detail>) between <source> and <destination> (user= <user*>) has been deleted',
  ],
  [
    '702307',
    'info',
    'IPSEC: An <direction> <session> SA (SPI= <detail>) between <source> and <destination> (user= <user*>) is rekeying due to <reason>',
  ],
  ['750003', 'error', 'Local:<local_endpoint> Remote:<remote_endpoint> Username:<user> <reason>'],
  ['750002', 'session', 'Local:<local_endpoint> Remote:<remote_endpoint> Username:<user> <reason>'],
  [
    '713228',
    'info',
    'Group = <group>, Username = <user*>, IP = <source>, Assigned private IP address <assigned> to remote user',
  ],
  ['713901 713902 713904 713905', 'error', 'Group = <group>, Username = <user*>, IP = <source>, <reason>'],
  ['713901 713902 713904 713905', 'error', 'Group = <group>, IP = <source>, <reason>'],
  ['713901 713902 713904 713905', 'error', 'IP = <source>, <reason>'],
  ['746012', 'info', 'user-identity: Add IP-User mapping <source> - <user*> Succeeded - <reason>'],
  ['746013', 'info', 'user-identity: Delete IP-User mapping <source> - <user*> Succeeded - <reason>'],
  ['746016', 'info', 'user-identity: <reason>'],
  // Administration.
  ['111008', 'config', "User '<user*>' executed the '<command>' command"],
  ['111009', 'info', "User '<user*>' executed cmd: <command>"],
  ['111010', 'config', "User '<user*>', running '<session>' from IP <source>, executed '<command>'"],
  ['111010', 'config', "User '<user*>', running '<session>' from IP <source>, executed <command>"],
  ['111001', 'config', 'Begin configuration: <source> writing to <detail>'],
  ['111002 111007', 'config', 'Begin configuration: <source> reading from <detail>'],
  ['111003', 'config', '<source> Erase configuration'],
  ['111004', 'config', '<source> end configuration: <reason>'],
  ['111005', 'config', '<source> end configuration: <reason>'],
  ['502101 502102', 'config', '<detail> user: Uname: <user> Priv: <privilege> Encpass: '],
  ['502111', 'config', 'New group policy added: name: <detail> Type: <reason>'],
  ['502112', 'config', 'Group policy deleted: name: <detail> Type: <reason>'],
  ['502103', 'config', 'User priv level changed: Uname: <user> From: <privilege_old> To: <privilege>'],
]

const BY_ID = new Map<string, { kind: Kind; form: Template }[]>()
for (const [ids, kind, pattern] of MESSAGES) {
  // The devices write some names in angle brackets: `<<user>>` is a place between brackets.
  const form = template(pattern)
  for (const id of ids.split(' ')) {
    const forms = BY_ID.get(id)
    if (forms === undefined) BY_ID.set(id, [{ kind, form }])
    else forms.push({ kind, form })
  }
}
/** Forms that whole families of ids share (VPN, DAP, IKEv2), for an id or a wording that has no row. */
const SHAPES = [
  'Group <<group>> User <<user*>> IP <<source>> <reason>',
  'TunnelGroup <<group>> GroupPolicy <<policy>> User <<user*>> IP <<source>> <reason>',
  'Group = <group>, Username = <user*>, IP = <source>, <reason>',
  'Group = <group>, IP = <source>, <reason>',
  'Username = <user*>, IP = <source>, <reason>',
  'IP = <source>, <reason>',
  'DAP: User <user*>, Addr <source>, Connection <session>: <reason>',
  'DAP: User <user*>, Addr <source>: <reason>',
  'Local:<local_endpoint> Remote:<remote_endpoint> Username:<user> <reason>',
].map(template)
/** What a message of no known form says of its ends and its user, wherever it says it. */
const ANYWHERE: readonly (readonly [place: string, form: RegExp])[] = [
  ['source', /\b(?:from|src|SRC|source)(?: address)? ([^\s,;]{3,160})/],
  ['destination', /\b(?:to|dst|dest|DEST|destination)(?: address)? ([^\s,;]{3,160})/],
  ['interface', /\bon interface ([\w.-]{1,64})/],
  ['user', /\b(?:[Uu]ser(?:name)?|Uname)(?: ?[=:] ?['"<]?| ['"<])([^'"<>,\s]{1,128})/],
]
/** An address, with interface and port around it or without. */
const END =
  /^(?:[\w.-]{1,64}[:/])?(?:\d{1,3}(?:\.\d{1,3}){3}|(?=[^/(]{0,45}::|(?:[0-9A-Fa-f]{1,4}:){7})[0-9A-Fa-f:.]{2,45})(?:\/\d{1,5}|\(\d{1,5}\))?\.?$/
const BEGINNINGS: readonly (readonly [start: RegExp, kind: Kind])[] = [
  [/^(?:Den(?:y|ied)|Dropp(?:ed|ing)|Reject(?:ed|ing)?|Discard(?:ed|ing)?) /, 'deny'],
  [/^Built /, 'built'],
  [/^Teardown /, 'ended'],
]

/** What can be told of a message that has no row of its own. */
function guess(message: string): { kind: Kind; values: ReadonlyMap<string, string> } {
  for (const shape of SHAPES) {
    const values = shape.match(message)
    if (values !== undefined) return { kind: 'info', values }
  }
  const text = message.slice(0, 2_048)
  const values = new Map<string, string>()
  for (const [place, form] of ANYWHERE) {
    const value = form.exec(text)?.[1]
    if (value === undefined) continue
    if (place !== 'source' && place !== 'destination') values.set(place, value)
    else if (END.test(value)) values.set(place, value.replace(/\.$/, ''))
  }
  const transport = values.has('source') ? /\b(?:TCP|UDP|ICMP|SCTP|GRE|ESP)\b/i.exec(text)?.[0] : undefined
  if (transport !== undefined) values.set('transport', transport)
  const kind = values.has('source') ? BEGINNINGS.find(([start]) => start.test(text))?.[1] : undefined
  return { kind: kind ?? 'info', values }
}

/** 4000nn: one form for all fifty signatures. */
const SIGNATURE = template('IPS:<signature> <rule> from <source> to <destination> on interface <interface>')
const SIGNATURE_IDS = /^4000\d\d$/

export default {
  layer: 'text',
  precedence: 200,

  parse({ text }, event, context) {
    const code = CODE.exec(text)
    if (code === null) return false
    const family = code[4]!.toLowerCase()
    const id = code[6]!
    const threatDefense = family === 'ftd' || family === 'ngips'
    event['event.dataset'] = threatDefense ? 'cisco_ftd.log' : 'cisco_asa.log'
    putFront(event, code, context)
    const message = text.slice(code[0].length)
    event['message'] = message
    event['event.code'] = id
    event['event.severity'] = Number(code[5])
    put(event, 'log.level', LEVELS[Number(code[5])])
    observe(event, 'Cisco', family)

    if (id.startsWith('43000')) {
      putSecurityEvent(event, id, message)
      return true
    }
    const forms = SIGNATURE_IDS.test(id) ? [{ kind: 'threat' as const, form: SIGNATURE }] : (BY_ID.get(id) ?? [])
    const vendor = `cisco.${threatDefense ? 'ftd' : 'asa'}`
    const said = message.replaceAll('  ', ' ')
    for (const { kind, form } of forms) {
      const values = form.match(said)
      if (values === undefined) continue
      fill(event, values, kind, vendor)
      return true
    }
    const { kind, values } = guess(said)
    fill(event, values, kind, vendor)
    return true
  },
} satisfies TextParser

const LEVELS = ['emergency', 'alert', 'critical', 'error', 'warning', 'notification', 'informational', 'debug'] as const

const HOST = /^[\w.:-]{1,255}$/

/** Time and host in front of the code, where no syslog header has taken them. */
function putFront(event: EcsEvent, code: RegExpExecArray, context: Context): void {
  const ms = code[2] === undefined ? deviceTime(code[1] ?? '', context) : parseIso(code[2], context.zone)
  if (ms !== undefined) event['@timestamp'] = isoTime(ms)
  if (code[3] !== undefined && HOST.test(code[3])) putHost(event, code[3])
  // `May 5 17:51:17 fw01: %ASA-…`: the header took the only word for a program; it is the device.
  const name = event['process.name']
  if (typeof name === 'string' && event['host.hostname'] === undefined && event['process.pid'] === undefined) {
    delete event['process.name']
    putHost(event, name)
  }
  const host = event['host.hostname']
  if (typeof host === 'string') event['observer.hostname'] = host
}

function fill(event: EcsEvent, values: ReadonlyMap<string, string>, kind: Kind, vendor: string): void {
  const get = (name: string): string => values.get(name) ?? ''
  const direction = get('direction').toLowerCase()
  if (direction === 'inbound' || direction === 'outbound') event['network.direction'] = direction
  putTransport(event, get('transport').replace(/^protocol /, ''))

  // «for A to B»: A is the less trusted interface's side, which an outbound connection goes to.
  const turned = direction === 'outbound' || (direction === '' && get('foreign') !== '')
  putEnd(event, turned ? 'destination' : 'source', get('first') || get('foreign'), vendor)
  putEnd(event, turned ? 'source' : 'destination', get('second') || get('local'), vendor)
  putNat(event, turned ? 'source' : 'destination', get('global').split('/')[0] ?? '')
  putEnd(event, 'source', get('source'), vendor)
  putEnd(event, 'destination', get('destination') || get('server'), vendor)
  putColonEnd(event, 'source', get('local_endpoint'))
  putColonEnd(event, 'destination', get('remote_endpoint'))

  if (values.has('interface') && event['observer.ingress.interface.name'] === undefined) {
    put(event, 'observer.ingress.interface.name', get('interface'))
    put(event, `${vendor}.source_interface`, get('interface'))
  }
  const user = get('user').replace(/^["'<(]|["'>)]$/g, '')
  if (user !== '' && !/^\*+$/.test(user)) putUser(event, 'source', user)
  put(event, 'source.user.group.name', get('group'))
  put(event, 'event.reason', get('reason').replace(/\.$/, ''))
  put(event, 'process.command_line', get('command').replace(/'(?: command\.?)?$/, ''))
  put(event, 'file.path', get('file'))
  put(event, 'user_agent.original', get('agent'))
  put(event, 'network.protocol', get('protocol').toLowerCase().split(' ')[0])
  if (get('url') !== '') putUrl(event, get('url'))
  const rule = get('rule').replaceAll('"', '').split(' ')[0]!
  put(event, 'rule.name', rule)
  put(event, `${vendor}.rule_name`, rule)
  put(event, `${vendor}.connection_id`, get('connection'))
  put(event, `${vendor}.session_type`, get('session'))
  put(event, `${vendor}.assigned_ip`, get('assigned'))
  put(event, `${vendor}.tcp_flags`, get('flags'))
  put(event, `${vendor}.privilege`, get('privilege'))
  putNumber(event, `${vendor}.hit_count`, get('hits'))
  putNumber(event, `${vendor}.icmp_type`, get('icmp_type'))
  putNumber(event, `${vendor}.icmp_code`, get('icmp_code').split(' ')[0])
  const icmp = /^type (\d{1,3}), code (\d{1,3})/.exec(get('icmp'))
  if (icmp !== null) {
    event[`${vendor}.icmp_type`] = Number(icmp[1])
    event[`${vendor}.icmp_code`] = Number(icmp[2])
  }
  const [icmpType, icmpCode] = [event[`${vendor}.icmp_type`], event[`${vendor}.icmp_code`]]
  if (typeof icmpType === 'number') {
    putCommunityId(event, { type: icmpType, ...(typeof icmpCode === 'number' && { code: icmpCode }) })
  }
  putNumber(event, 'network.bytes', get('bytes').split(' ')[0])
  putNumber(event, 'source.bytes', get('sent'))
  putNumber(event, 'destination.bytes', get('received'))
  const code = event['event.code']
  if (typeof code === 'string' && /^[67]0230[347]$/.test(code)) event['network.type'] = 'ipsec'
  const seconds = secondsOf(get('duration'))
  if (seconds !== undefined) event['event.duration'] = seconds * 1e9
  say(event, kind, get('verdict'))
}

function say(event: EcsEvent, kind: Kind, verdict: string): void {
  event['event.category'] = ['network']
  event['event.action'] = 'firewall-rule'
  const word = verdict.toLowerCase()
  if (kind === 'deny' || kind === 'permit' || word !== '') {
    const allowed = kind === 'deny' ? false : kind === 'permit' ? true : !/^(?:denied|dropped)$/.test(word)
    judge(event, word === '' ? (allowed ? 'permitted' : 'denied') : word, allowed)
    event['event.outcome'] = 'success'
    if (event['event.dataset'] === 'cisco_ftd.log') {
      // Threat Defense's dashboards know a packet that was denied as a failure, those of ASA as the device's success.
      event['event.type'] = ['info', allowed ? 'allowed' : 'denied']
      if (!allowed) event['event.outcome'] = 'failure'
    }
    if (kind === 'threat') event['event.category'] = ['network', 'intrusion_detection']
  } else if (kind === 'built') {
    judge(event, 'built', true)
    event['event.type'] = ['connection', 'start']
    event['event.action'] = 'flow-creation'
  } else if (kind === 'session') {
    event['event.type'] = ['connection', 'start']
    const vpn = event['event.code'] === '113039'
    if (vpn) event['event.category'] = ['network', 'session']
    event['event.action'] = vpn ? 'client-vpn-connected' : 'connection-started'
  } else if (kind === 'error') {
    event['event.type'] = ['error']
    event['event.action'] = 'error'
    if (event['event.code'] !== '750003') event['event.outcome'] = 'failure'
  } else if (kind === 'ended') {
    event['event.type'] = ['connection', 'end']
    event['event.action'] = 'flow-expiration'
  } else if (kind === 'login' || kind === 'refused') {
    event['event.category'] = ['network', 'authentication']
    event['event.type'] = ['info', kind === 'login' ? 'allowed' : 'denied']
    event['event.action'] = kind === 'login' ? 'logged-in' : 'logon-failed'
    event['event.outcome'] = kind === 'login' ? 'success' : 'failure'
  } else if (kind === 'logout') {
    event['event.category'] = ['network', 'session']
    event['event.type'] = ['connection', 'end']
    event['event.action'] = event['event.code'] === '113019' ? 'client-vpn-disconnected' : 'logged-out'
  } else if (kind === 'threat') {
    event['event.category'] = ['network', 'intrusion_detection']
    event['event.type'] = ['info']
  } else if (kind === 'config') {
    event['event.category'] = ['configuration']
    event['event.type'] = ['change']
    event['event.action'] = 'configuration-change'
  } else event['event.type'] = ['info']
}

const MAPPED = /^ ?\(([0-9A-Fa-f.:]{2,45})(?:\/(\d{1,5}))?\)/
const USER = /^ ?\(([^)]{1,256})\)/
const PLAIN_USER = /^ ([^\s(]{1,128})$/
/** The one interface whose name has blanks. */
const IDENTITY = /^NP Identity Ifc:/

/**
 * `inside:10.1.1.5/51234 (203.0.113.1/51234)(LOCAL\user)`, `outside/10.1.1.5(443)` or `user@10.1.1.5`: interface, address,
 * port, what it is mapped to, and whose it is.
 */
function putEnd(event: EcsEvent, side: 'source' | 'destination', text: string, vendor: string): void {
  if (text === '') return
  const identity = IDENTITY.exec(text)?.[0] ?? ''
  const named = text.slice(identity.length)
  const length = named.search(/[ (]/)
  const end = length < 0 ? named : named.slice(0, length)
  let rest = length < 0 ? '' : named.slice(length)
  let address = end
  let port: string | undefined
  let zone = identity.slice(0, -1)
  const arrow = /^\((\d{1,5})\)/.exec(rest)
  if (arrow !== null) {
    // The access-list form: interface first, port in brackets.
    port = arrow[1]
    rest = rest.slice(arrow[0].length)
    const slash = end.indexOf('/')
    zone = slash < 0 ? '' : end.slice(0, slash)
    address = end.slice(slash + 1)
  } else {
    const slash = end.lastIndexOf('/')
    if (slash >= 0) {
      port = end.slice(slash + 1)
      address = end.slice(0, slash)
    }
    if (zone === '' && ipOf(address) === undefined) {
      const colon = address.indexOf(':')
      zone = colon < 0 ? '' : address.slice(0, colon)
      address = address.slice(colon + 1)
    }
  }
  const at = address.lastIndexOf('@')
  const before = at > 0 ? address.slice(0, at) : ''
  putPeer(event, side, address.slice(at + 1), integer(port) === undefined ? undefined : port)
  if (integer(port) === undefined) put(event, 'network.protocol', port)
  if (zone !== '') {
    event[`observer.${side === 'source' ? 'ingress' : 'egress'}.interface.name`] = zone
    event[`${vendor}.${side}_interface`] = zone
  }
  const mapped = MAPPED.exec(rest)
  if (mapped !== null) {
    event[`${vendor}.mapped_${side}_ip`] = mapped[1]!
    putNumber(event, `${vendor}.mapped_${side}_port`, mapped[2])
    if (mapped[1] !== event[`${side}.ip`] || integer(mapped[2]) !== event[`${side}.port`]) {
      putNat(event, side, mapped[1], mapped[2])
    }
    rest = rest.slice(mapped[0].length)
  }
  const user = USER.exec(rest)?.[1] ?? PLAIN_USER.exec(rest)?.[1] ?? before
  if (user !== '') putUser(event, side, user)
}

/** `LOCAL\user`, `LOCAL\domain\user`, `user@domain`, `user, 123`; `LOCAL` is the device's own list of users. */
function putUser(event: EcsEvent, side: 'source' | 'destination', text: string): void {
  const [account = ''] = text.replace(/^LOCAL\\/, '').split(', ', 1)
  const slash = account.lastIndexOf('\\')
  const at = account.indexOf('@')
  const name = slash >= 0 ? account.slice(slash + 1) : at > 0 ? account.slice(0, at) : account
  const domain = slash > 0 ? account.slice(0, slash) : at > 0 ? account.slice(at + 1) : ''
  put(event, `${side}.user.name`, name)
  put(event, `${side}.user.domain`, domain)
  if (domain !== '') addRelated(event, 'related.hosts', domain)
  if (side !== 'source') return
  put(event, 'user.name', name)
  put(event, 'user.domain', domain)
}

/** Names of FTD's 430001-430005 (intrusion, connection start and end, file, malware). */
const SECURITY: { readonly [name: string]: string } = {
  AccessControlRuleName: 'rule.name',
  IngressInterface: 'observer.ingress.interface.name',
  EgressInterface: 'observer.egress.interface.name',
  IngressZone: 'observer.ingress.zone',
  EgressZone: 'observer.egress.zone',
  ApplicationProtocol: 'network.protocol',
  FileName: 'file.name',
  FileSHA256: 'file.hash.sha256',
  UserAgent: 'user_agent.original',
  AccessControlRuleReason: 'event.reason',
  ACPolicy: 'rule.ruleset',
  Revision: 'rule.version',
  SID: 'rule.id',
  ReferencedHost: 'url.domain',
  HTTPReferer: 'http.request.referrer',
}
/** FTD's words for record types, which are the descriptions of RFC 1035 §3.2.2 and its successors. */
const RECORD_TYPES: { readonly [words: string]: string } = {
  'a host address': 'A',
  'ip6 address': 'AAAA',
  'the canonical name for an alias': 'CNAME',
  'mail exchange': 'MX',
  'an authoritative name server': 'NS',
  'text strings': 'TXT',
  'marks the start of a zone of authority': 'SOA',
  'a domain name pointer': 'PTR',
  'server selection': 'SRV',
  'naming authority pointer': 'NAPTR',
  'well known services': 'WKS',
  'host information': 'HINFO',
  'mailbox or mail list information': 'MINFO',
}
/** The same for answers, RFC 1035 §4.1.1 and RFC 2136 §2.2. */
const RESPONSES: { readonly [words: string]: string } = {
  'no error': 'NOERROR',
  'format error': 'FORMERR',
  'server failure': 'SERVFAIL',
  'non-existent domain': 'NXDOMAIN',
  'not implemented': 'NOTIMP',
  'query refused': 'REFUSED',
}

const SECURITY_ACTIONS: { readonly [id: string]: string } = {
  '430001': 'intrusion-detected',
  '430002': 'connection-started',
  '430003': 'connection-finished',
  '430004': 'file-detected',
  '430005': 'malware-detected',
}

/** FTD's words for ICMP's types (IANA). */
const ICMP_TYPES: { readonly [words: string]: number } = {
  'echo reply': 0,
  'destination unreachable': 3,
  redirect: 5,
  'echo request': 8,
  'time exceeded': 11,
  'parameter problem': 12,
  'timestamp request': 13,
  'timestamp reply': 14,
}
const SECURITY_CATEGORIES: { readonly [id: string]: string } = {
  '430001': 'intrusion_detection',
  '430004': 'file',
  '430005': 'malware,file',
}

/** `Name: value, Name: value`; a value may hold a comma, then what follows is no name and is left out. */
function putSecurityEvent(event: EcsEvent, id: string, message: string): void {
  const pairs = new Map<string, string>()
  for (const pair of message.split(', ', 128)) {
    const colon = pair.indexOf(': ')
    // The first of a name counts: the later values (names of files, URLs) are others' words.
    if (colon > 0 && colon < 64 && !pairs.has(pair.slice(0, colon)))
      pairs.set(pair.slice(0, colon), pair.slice(colon + 2).trim())
  }
  const get = (name: string): string => pairs.get(name) ?? ''
  observe(event, 'Cisco', 'ftd', undefined, 'idps')
  for (const [name, field] of Object.entries(SECURITY)) put(event, field, get(name))
  const protocol = event['network.protocol']
  if (typeof protocol === 'string') event['network.protocol'] = protocol.toLowerCase()
  const name = get('DNSQuery')
  if (name !== '') {
    put(event, 'dns.question.name', name)
    putNameParts(event, 'dns.question', name)
    const type = get('DNSRecordType')
    put(event, 'dns.question.type', lookUp(RECORD_TYPES, type.toLowerCase()) ?? type)
  }
  // The device leaves out what is 0, and of an answer that is «no error».
  const response = get('DNSResponseType') || (id === '430003' && name !== '' ? 'no error' : '')
  put(event, 'dns.response_code', lookUp(RESPONSES, response.toLowerCase()) ?? response)
  put(event, 'network.application', (get('WebApplication') || get('Client')).toLowerCase())
  putPeer(event, 'source', get('SrcIP'), get('SrcPort'))
  putPeer(event, 'destination', get('DstIP'), get('DstPort'))
  putTransport(event, get('Protocol'))
  if (!/^(?:No Authentication Required|Unknown|Not Found)$/.test(get('User'))) putSourceUser(event, get('User'))
  putNumber(event, 'source.bytes', get('InitiatorBytes'))
  putNumber(event, 'destination.bytes', get('ResponderBytes'))
  putNumber(event, 'source.packets', get('InitiatorPackets'))
  putNumber(event, 'destination.packets', get('ResponderPackets'))
  putNumber(event, 'http.response.status_code', get('HTTPResponse'))
  const icmp = lookUp(ICMP_TYPES, get('ICMPType').toLowerCase()) ?? integer(get('ICMPType'))
  if (icmp !== undefined) putCommunityId(event, { type: icmp, code: integer(get('ICMPCode')) ?? 0 })
  putTotals(event)
  putUrl(event, get('URL') || get('URI') || undefined)
  putNumber(event, 'file.size', get('FileSize'))
  addRelated(event, 'related.hash', get('FileSHA256'))
  const known = /^[A-Z][A-Za-z0-9]{1,63}$/
  for (const [name, value] of pairs) {
    if (known.test(name) && SECURITY[name] === undefined) put(event, `cisco.ftd.security.${name}`, value)
  }
  put(event, 'event.action', SECURITY_ACTIONS[id])
  const word = (get('AccessControlRuleAction') || get('InlineResult') || get('FileAction')).toLowerCase()
  const allowed =
    passed(word) ??
    (/^(?:malware )?block/.test(word) ? false : /^(?:trust|allow|detect|malware cloud)/.test(word) ? true : undefined)
  const alert = id === '430001' || id === '430005'
  event['event.category'] = (lookUp(SECURITY_CATEGORIES, id) ?? 'network').split(',')
  if (alert) event['event.kind'] = 'alert'
  judge(event, word, allowed, id === '430002' ? ['start'] : id === '430003' ? ['end'] : [])
  if (lookUp(SECURITY_CATEGORIES, id) !== undefined)
    event['event.type'] = ['info', ...(allowed === undefined ? [] : [allowed ? 'allowed' : 'denied'])]
  if (allowed !== undefined) event['event.outcome'] = 'success'
}

/** `203.0.113.9:500`, the form of the IKEv2 messages. */
function putColonEnd(event: EcsEvent, side: 'source' | 'destination', text: string): void {
  const colon = text.lastIndexOf(':')
  if (colon > 0) putPeer(event, side, text.slice(0, colon), text.slice(colon + 1))
}

/** `1:02:03` or `1h:02m:03s` in seconds. */
function secondsOf(text: string): number | undefined {
  const parts = /^(?:(\d{1,4})d )?(\d{1,5})h?:(\d{1,2})m?:(\d{1,2})s?/.exec(text)
  if (parts === null) return undefined
  return Number(parts[1] ?? 0) * 86_400 + Number(parts[2]) * 3_600 + Number(parts[3]) * 60 + Number(parts[4])
}
