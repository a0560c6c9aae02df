/**
 * Fields that the parsers can set, by data set; `*` stands for names that come from the record. Read off the sources of the
 * parsers by `test/detection/fields.test.ts`, which fails where they differ and writes this file anew with `-u`.
 */
export const PARSER_FIELDS = `
*: *.geo.country_iso_code *.ip destination.ip destination.nat.ip destination.nat.port destination.port ecs.version
  error.code error.message event.count event.dataset event.ingested event.kind event.module event.original
  event.sequence generic.syslog generic.text host.hostname host.name log.file.path log.level log.source.address
  log.syslog.appname log.syslog.facility.code log.syslog.facility.name log.syslog.msgid log.syslog.priority
  log.syslog.procid log.syslog.severity.code log.syslog.severity.name log.syslog.structured_data log.syslog.version
  network.community_id network.direction network.transport network.type organization.name process.name process.pid
  soc.agency soc.criticality soc.local.holiday soc.local.hour soc.local.weekday soc.local.working_hours
  soc.original_charset soc.original_encoding soc.record soc.seq soc.source soc.system source.ip source.nat.ip
  source.nat.port source.port system.auth system.syslog
apache.access: *.address *.domain *.port apache.access apache.access.ssl.cipher apache.access.ssl.protocol
  client.domain client.ip client.user.name destination.domain destination.user.name dns.resolved_ip event.action
  event.category event.outcome event.type file.hash.md5 file.hash.sha1 file.hash.sha256 host.ip http.request.method
  http.request.referrer http.response.body.bytes http.response.status_code http.version network.forwarded_ip
  observer.hostname observer.vendor process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash
  related.hosts related.ip related.user server.domain server.ip server.user.name source.user.name tls.cipher
  url.domain url.extension url.fragment url.original url.path url.query url.scheme user.effective.name user.name
  user.target.name user_agent.original
apache.error: *.address *.domain *.port apache.error apache.error.module client.domain client.ip client.user.name
  destination.user.name dns.resolved_ip event.action event.category event.code event.outcome event.type
  file.hash.md5 file.hash.sha1 file.hash.sha256 file.path host.ip http.request.referrer observer.hostname
  observer.vendor process.hash.md5 process.hash.sha1 process.hash.sha256 process.thread.id related.hash
  related.hosts related.ip related.user server.domain server.ip server.user.name source.user.name
  user.effective.name user.name user.target.name
apache_tomcat.*: *.address *.domain *.port apache_tomcat.* apache_tomcat.*.subsystem app.* client.domain client.ip
  client.user.name destination.user.name dns.resolved_ip error.stack_trace event.action event.category event.outcome
  event.type file.hash.md5 file.hash.sha1 file.hash.sha256 host.ip log.logger observer.hostname observer.vendor
  process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash related.hosts related.ip related.user
  server.domain server.ip server.user.name source.user.name user.effective.name user.name user.target.name
apache_tomcat.access: *.address *.domain *.port *.registered_domain *.subdomain *.top_level_domain
  apache_tomcat.access apache_tomcat.access.connection_status apache_tomcat.access.ip.local
  apache_tomcat.access.rest client.domain client.ip client.user.name destination.bytes destination.domain
  destination.user.name dns.question dns.question.class dns.question.name dns.question.type dns.resolved_ip
  event.action event.category event.duration event.outcome event.type file.hash.md5 file.hash.sha1 file.hash.sha256
  host.ip http.request.method http.request.referrer http.response.body.bytes http.response.status_code http.version
  network.forwarded_ip observer.hostname observer.vendor process.hash.md5 process.hash.sha1 process.hash.sha256
  related.hash related.hosts related.ip related.user server.domain server.ip server.user.name source.address
  source.user.name tls.*.* tls.*.x509.*.common_name tls.version tls.version_protocol url.domain url.extension
  url.fragment url.full url.original url.path url.port url.query url.scheme url.username user.effective.name
  user.name user.target.name user_agent.original
app.*: *.address *.domain *.port app.* app.result client.domain client.ip client.user.name destination.user.name
  dns.resolved_ip event.action event.category event.outcome event.type file.hash.md5 file.hash.sha1 file.hash.sha256
  host.ip observer.hostname observer.vendor process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash
  related.hosts related.ip related.user server.domain server.ip server.user.name service.name source.mac
  source.user.name url.original user.effective.name user.name user.target.name user_agent.original
auditd.log: *.address *.domain *.port auditd.log auditd.log.* auditd.log.node auditd.log.record_type
  auditd.log.sequence client.domain client.ip client.user.name destination.user.name dns.resolved_ip event.action
  event.category event.outcome event.type file.hash.md5 file.hash.sha1 file.hash.sha256 file.path group.id
  group.name host.architecture host.ip observer.hostname observer.vendor process.args process.args_count
  process.command_line process.executable process.exit_code process.hash.md5 process.hash.sha1 process.hash.sha256
  process.parent.pid process.working_directory related.hash related.hosts related.ip related.user server.domain
  server.ip server.user.name source.user.name user.audit.id user.audit.name user.effective.group.id
  user.effective.id user.effective.name user.filesystem.group.id user.filesystem.id user.group.id user.id user.name
  user.owner.group.id user.owner.id user.saved.group.id user.saved.id user.target.id user.target.name user.terminal
aws.cloudtrail: *.address *.domain *.port app.* aws.cloudtrail aws.cloudtrail.* aws.cloudtrail.additional_eventdata
  aws.cloudtrail.request_parameters aws.cloudtrail.response_elements client.domain client.ip client.user.name
  cloud.account.id cloud.provider cloud.region destination.user.name dns.resolved_ip event.action event.category
  event.id event.outcome event.provider event.type file.hash.md5 file.hash.sha1 file.hash.sha256 host.ip
  iam.amazonaws.com observer.hostname observer.vendor process.hash.md5 process.hash.sha1 process.hash.sha256
  related.hash related.hosts related.ip related.user server.domain server.ip server.user.name source.user.name
  user.domain user.effective.name user.email user.id user.name user.target.name user_agent.original
azure.*: *.address *.domain *.port app.* azure.* azure.*.* azure.correlation_id azure.resource.id
  azure.resource.provider azure.tenant_id client.domain client.ip client.user.name cloud.account.id cloud.provider
  destination.user.name dns.resolved_ip event.action event.category event.id event.outcome event.type file.hash.md5
  file.hash.sha1 file.hash.sha256 host.ip observer.hostname observer.vendor process.hash.md5 process.hash.sha1
  process.hash.sha256 related.hash related.hosts related.ip related.user server.domain server.ip server.user.name
  source.user.name user.domain user.effective.name user.email user.full_name user.id user.name user.target.id
  user.target.name user_agent.original
barracuda.waf: *.address *.domain *.mac *.nat.ip *.nat.port *.port *.registered_domain *.subdomain
  *.top_level_domain barracuda.waf barracuda.waf.attack_description barracuda.waf.attack_details
  barracuda.waf.followup_action barracuda.waf.log_type barracuda.waf.profile_matched barracuda.waf.protected
  barracuda.waf.response_type barracuda.waf.severity_level barracuda.waf.unit_name barracuda.waf.wf_matched
  client.domain client.ip client.port client.user.name destination.* destination.user.name dns.question
  dns.question.class dns.question.name dns.question.type dns.resolved_ip event.action event.category event.outcome
  event.type file.hash.md5 file.hash.sha1 file.hash.sha256 firewall.action firewall.blocked host.ip
  http.request.bytes http.request.method http.request.referrer http.response.bytes http.response.status_code
  http.version network.* network.forwarded_ip network.iana_number network.protocol observer.hostname observer.name
  observer.product observer.type observer.vendor process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash
  related.hosts related.ip related.user rule.category rule.name server.domain server.ip server.port server.user.name
  source.* source.user.domain source.user.name tls.*.* tls.*.x509.*.common_name tls.version tls.version_protocol
  url.domain url.extension url.fragment url.full url.original url.path url.port url.query url.scheme url.username
  user.domain user.effective.name user.id user.name user.target.name user_agent.original
bind.log: *.address *.domain *.port *.registered_domain *.subdomain *.top_level_domain bind.log bind.log.category
  bind.log.flags bind.log.view client.domain client.ip client.user.name destination.user.name dns.header_flags
  dns.question dns.question.class dns.question.name dns.question.type dns.resolved_ip dns.type event.action
  event.category event.outcome event.type file.hash.md5 file.hash.sha1 file.hash.sha256 host.domain host.ip
  infoblox_nios.log network.protocol observer.hostname observer.vendor process.hash.md5 process.hash.sha1
  process.hash.sha256 related.hash related.hosts related.ip related.user server.domain server.ip server.user.name
  source.user.name tls.*.* tls.*.x509.*.common_name tls.version tls.version_protocol url.domain url.extension
  url.fragment url.full url.original url.path url.port url.query url.scheme url.username user.effective.name
  user.name user.target.name
bitbucket.audit: *.address *.domain *.port app.* bitbucket.audit bitbucket.audit.* client.domain client.ip
  client.user.name destination.user.name dns.resolved_ip event.action event.category event.outcome event.type
  file.hash.md5 file.hash.sha1 file.hash.sha256 host.ip observer.hostname observer.vendor process.hash.md5
  process.hash.sha1 process.hash.sha256 related.hash related.hosts related.ip related.user server.domain server.ip
  server.user.name source.user.name user.domain user.effective.name user.email user.id user.name user.target.name
checkpoint.firewall: *.address *.domain *.mac *.nat.ip *.nat.port *.port *.registered_domain *.subdomain
  *.top_level_domain checkpoint.firewall checkpoint.origin_sic_name client.domain client.ip client.user.name
  destination.* destination.bytes destination.domain destination.packets destination.user.email
  destination.user.name dns.question dns.question.class dns.question.name dns.question.type dns.resolved_ip
  event.action event.category event.id event.outcome event.reason event.type file.hash.md5 file.hash.sha1
  file.hash.sha256 file.name file.size firewall.action firewall.blocked host.ip host.os.name host.os.version
  http.request.method http.request.referrer network.* network.application network.bytes network.iana_number
  network.name network.packets observer.*.interface.name observer.egress.zone observer.hostname
  observer.ingress.zone observer.name observer.product observer.type observer.vendor process.hash.md5
  process.hash.sha1 process.hash.sha256 process.parent.name related.hash related.hosts related.ip related.user
  rule.name rule.uuid server.domain server.ip server.user.name source.* source.bytes source.domain source.packets
  source.user.domain source.user.email source.user.group.name source.user.name tls.*.* tls.*.x509.*.common_name
  tls.version tls.version_protocol url.domain url.extension url.fragment url.full url.original url.path url.port
  url.query url.scheme url.username user.domain user.effective.name user.name user.target.name user_agent.name
  user_agent.original
cisco_asa.log: *.address *.assigned_ip *.connection_id *.domain *.hit_count *.icmp_code *.icmp_type *.mac *.nat.ip
  *.nat.port *.port *.privilege *.registered_domain *.rule_name *.session_type *.source_interface *.subdomain
  *.tcp_flags *.top_level_domain *.user.domain *.user.name cisco.* cisco.ftd.security.* cisco_asa.log cisco_ftd.log
  client.domain client.ip client.user.name destination.* destination.bytes destination.packets destination.user.name
  dns.question dns.question.class dns.question.name dns.question.type dns.resolved_ip dns.response_code event.action
  event.category event.code event.duration event.outcome event.reason event.severity event.type file.hash.md5
  file.hash.sha1 file.hash.sha256 file.name file.path file.size firewall.action firewall.blocked host.ip
  http.request.referrer http.response.status_code network.* network.application network.bytes network.iana_number
  network.protocol observer.*.interface.name observer.egress.interface.name observer.egress.zone observer.hostname
  observer.ingress.interface.name observer.ingress.zone observer.name observer.product observer.type observer.vendor
  process.command_line process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash related.hosts related.ip
  related.user rule.id rule.name rule.ruleset rule.version server.domain server.ip server.user.name source.*
  source.bytes source.packets source.user.domain source.user.group.name source.user.name tls.*.*
  tls.*.x509.*.common_name tls.version tls.version_protocol url.domain url.extension url.fragment url.full
  url.original url.path url.port url.query url.scheme url.username user.domain user.effective.name user.name
  user.target.name user_agent.original
cisco_duo.auth: *.address *.domain *.port app.* cisco_duo.auth cisco_duo.auth.* client.domain client.ip
  client.user.name destination.user.name dns.resolved_ip event.action event.category event.id event.outcome
  event.reason event.type file.hash.md5 file.hash.sha1 file.hash.sha256 host.ip observer.hostname observer.vendor
  process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash related.hosts related.ip related.user
  server.domain server.ip server.user.name source.user.name user.domain user.effective.name user.email user.id
  user.name user.target.name
cisco_ftd.log: *.address *.assigned_ip *.connection_id *.domain *.hit_count *.icmp_code *.icmp_type *.mac *.nat.ip
  *.nat.port *.port *.privilege *.registered_domain *.rule_name *.session_type *.source_interface *.subdomain
  *.tcp_flags *.top_level_domain *.user.domain *.user.name cisco.* cisco.ftd.audit.subsystem cisco.ftd.security.*
  cisco_asa.log cisco_ftd.log client.domain client.ip client.user.name destination.* destination.bytes
  destination.packets destination.user.name dns.question dns.question.class dns.question.name dns.question.type
  dns.resolved_ip dns.response_code event.action event.category event.code event.duration event.outcome event.reason
  event.severity event.type file.hash.md5 file.hash.sha1 file.hash.sha256 file.name file.path file.size
  firewall.action firewall.blocked host.ip http.request.referrer http.response.status_code network.*
  network.application network.bytes network.iana_number network.protocol observer.*.interface.name
  observer.egress.interface.name observer.egress.zone observer.hostname observer.ingress.interface.name
  observer.ingress.zone observer.name observer.product observer.type observer.vendor process.command_line
  process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash related.hosts related.ip related.user rule.id
  rule.name rule.ruleset rule.version server.domain server.ip server.user.name source.* source.bytes source.packets
  source.user.domain source.user.group.name source.user.name tls.*.* tls.*.x509.*.common_name tls.version
  tls.version_protocol url.domain url.extension url.fragment url.full url.original url.path url.port url.query
  url.scheme url.username user.domain user.effective.name user.name user.target.name user_agent.original
cisco_ios.log: *.address *.domain *.mac *.nat.ip *.nat.port *.port cisco.ios.access_list cisco.ios.facility
  cisco.ios.interface.name cisco.ios.privilege cisco.ios.session.line cisco_ios.log client.domain client.ip
  client.user.name destination.* destination.bytes destination.user.name dns.resolved_ip event.action event.category
  event.code event.outcome event.provider event.reason event.severity event.type file.hash.md5 file.hash.sha1
  file.hash.sha256 firewall.action firewall.blocked host.ip network.* network.iana_number network.packets
  observer.hostname observer.name observer.product observer.type observer.vendor process.command_line
  process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash related.hosts related.ip related.user
  rule.name server.domain server.ip server.user.name source.* source.bytes source.packets source.user.domain
  source.user.name user.domain user.effective.name user.name user.target.name
cisco_nexus.log: *.address *.domain *.mac *.nat.ip *.nat.port *.port cisco_nexus.log cisco_nexus.log.command
  cisco_nexus.log.facility cisco_nexus.log.sudo_user client.domain client.ip client.user.name destination.*
  destination.user.name dns.resolved_ip event.action event.category event.code event.outcome event.severity
  event.type file.hash.md5 file.hash.sha1 file.hash.sha256 firewall.action firewall.blocked host.ip network.*
  network.iana_number network.protocol observer.hostname observer.ip observer.name observer.product observer.type
  observer.vendor process.command_line process.hash.md5 process.hash.sha1 process.hash.sha256
  process.working_directory related.hash related.hosts related.ip related.user server.domain server.ip
  server.user.name source.* source.user.domain source.user.name user.domain user.effective.name user.name
  user.target.name
coredns.log: *.address *.domain *.port *.registered_domain *.subdomain *.top_level_domain client.domain client.ip
  client.user.name coredns.log coredns.log.buffer_size coredns.log.dnssec_ok coredns.log.error.message
  destination.bytes destination.user.name dns.header_flags dns.id dns.op_code dns.question dns.question.class
  dns.question.name dns.question.type dns.resolved_ip dns.response_code dns.type event.action event.category
  event.duration event.outcome event.type file.hash.md5 file.hash.sha1 file.hash.sha256 host.ip log.logger
  network.bytes network.iana_number network.protocol observer.hostname observer.vendor process.hash.md5
  process.hash.sha1 process.hash.sha256 related.hash related.hosts related.ip related.user server.domain server.ip
  server.user.name source.bytes source.user.name tls.*.* tls.*.x509.*.common_name tls.version tls.version_protocol
  url.domain url.extension url.fragment url.full url.original url.path url.port url.query url.scheme url.username
  user.effective.name user.name user.target.name
dovecot.log: *.address *.domain *.port client.domain client.ip client.user.name destination.user.name
  dns.resolved_ip dovecot.attempts dovecot.log dovecot.method dovecot.session event.action event.category
  event.outcome event.type file.hash.md5 file.hash.sha1 file.hash.sha256 host.ip network.protocol observer.hostname
  observer.vendor process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash related.hosts related.ip
  related.user server.domain server.ip server.user.name source.user.name user.effective.name user.name
  user.target.name
f5.bigipafm: *.address *.domain *.mac *.nat.ip *.nat.port *.port client.domain client.ip client.user.name
  destination.* destination.user.name dns.question.name dns.question.type dns.resolved_ip event.action
  event.category event.code event.outcome event.reason event.type f5.bigipafm file.hash.md5 file.hash.sha1
  file.hash.sha256 firewall.action firewall.blocked host.ip network.* network.iana_number observer.egress.vlan.name
  observer.hostname observer.ingress.vlan.name observer.ip observer.name observer.product observer.type
  observer.vendor observer.version process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash related.hosts
  related.ip related.user rule.name rule.ruleset server.domain server.ip server.user.name source.*
  source.user.domain source.user.name threat.technique.name user.domain user.effective.name user.name
  user.target.name
f5.bigipapm: *.address *.domain *.mac *.nat.ip *.nat.port *.port client.domain client.ip client.user.name
  destination.* destination.bytes destination.user.name dns.resolved_ip event.action event.category event.code
  event.outcome event.reason event.type f5.bigipapm f5.bigipapm.partition f5.bigipapm.profile f5.bigipapm.result
  f5.bigipapm.session.id f5.bigipapm.variable.name f5.bigipapm.variable.value file.hash.md5 file.hash.sha1
  file.hash.sha256 firewall.action firewall.blocked host.ip network.* network.iana_number observer.hostname
  observer.name observer.product observer.type observer.vendor process.command_line process.hash.md5
  process.hash.sha1 process.hash.sha256 related.hash related.hosts related.ip related.user server.domain server.ip
  server.user.name session.logon.last.username session.user.clientip source.* source.bytes source.user.domain
  source.user.name user.domain user.effective.name user.name user.target.name
f5_bigip.log: *.address *.domain *.mac *.nat.ip *.nat.port *.port *.registered_domain *.subdomain *.top_level_domain
  client.domain client.ip client.user.name destination.* destination.domain destination.user.name dns.question
  dns.question.class dns.question.name dns.question.type dns.resolved_ip event.action event.category event.outcome
  event.type f5_bigip.log f5_bigip.log.* f5_bigip.log.session.id file.hash.md5 file.hash.sha1 file.hash.sha256
  firewall.action firewall.blocked host.id host.ip http.request.method http.request.referrer
  http.response.status_code http.version network.* network.application network.bytes network.iana_number
  network.protocol observer.hostname observer.name observer.product observer.type observer.vendor process.hash.md5
  process.hash.sha1 process.hash.sha256 related.hash related.hosts related.ip related.user rule.name rule.ruleset
  server.domain server.ip server.user.name source.* source.domain source.user.domain source.user.group.name
  source.user.name threat.indicator.name threat.technique.name tls.*.* tls.*.x509.*.common_name tls.version
  tls.version_protocol url.domain url.extension url.fragment url.full url.original url.path url.port url.query
  url.scheme url.username user.domain user.effective.name user.name user.target.name user_agent.original
fortinet_fortigate.log: *.address *.domain *.mac *.nat.ip *.nat.port *.port *.registered_domain *.subdomain
  *.top_level_domain client.domain client.ip client.user.name destination.* destination.bytes destination.domain
  destination.packets destination.user.email destination.user.name dns.id dns.question dns.question.class
  dns.question.name dns.question.type dns.resolved_ip event.action event.category event.code event.duration
  event.outcome event.reason event.reference event.type file.extension file.hash.md5 file.hash.sha1 file.hash.sha256
  file.name file.size firewall.action firewall.blocked fortinet.firewall fortinet.firewall.cfgpath
  fortinet.firewall.subtype fortinet_fortigate.log host.ip http.request.method http.request.referrer network.*
  network.application network.iana_number network.protocol observer.egress.interface.name observer.hostname
  observer.ingress.interface.name observer.name observer.product observer.serial_number observer.type
  observer.vendor process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash related.hosts related.ip
  related.user rule.category rule.description rule.id rule.name rule.ruleset rule.uuid server.domain server.ip
  server.user.name source.* source.address source.bytes source.domain source.packets source.user.domain
  source.user.email source.user.group.name source.user.name threat.indicator.name tls.*.* tls.*.x509.*.common_name
  tls.server.issuer tls.server.x509.subject.common_name tls.version tls.version_protocol url.domain url.extension
  url.fragment url.full url.original url.path url.port url.query url.scheme url.username user.domain
  user.effective.name user.name user.target.name user_agent.original
fortinet_fortimail.log: *.address *.domain *.mac *.nat.ip *.nat.port *.port client.domain client.ip client.user.name
  destination.* destination.user.name dns.resolved_ip event.action event.category event.code event.outcome
  event.type file.hash.md5 file.hash.sha1 file.hash.sha256 firewall.action firewall.blocked fortinet_fortimail.log
  host.ip network.* network.iana_number observer.hostname observer.name observer.product observer.serial_number
  observer.type observer.vendor process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash related.hosts
  related.ip related.user server.domain server.ip server.user.name source.* source.user.domain source.user.name
  user.domain user.effective.name user.name user.target.name
gcp.audit: *.address *.domain *.port app.* client.domain client.ip client.user.name cloud.project.id cloud.provider
  destination.user.name dns.resolved_ip event.action event.category event.id event.outcome event.type file.hash.md5
  file.hash.sha1 file.hash.sha256 gcp.audit gcp.audit.* gcp.audit.resource.type google_workspace.*
  google_workspace.*.* host.ip log.logger observer.hostname observer.vendor process.hash.md5 process.hash.sha1
  process.hash.sha256 related.hash related.hosts related.ip related.user server.domain server.ip server.user.name
  service.name source.user.name user.domain user.effective.name user.email user.name user.target.name
  user_agent.original
generic.forward: *.address *.domain *.port app.* client.domain client.ip client.user.name destination.user.name
  dns.resolved_ip event.action event.category event.outcome event.type file.hash.md5 file.hash.sha1 file.hash.sha256
  fluent.* fluent.tag generic.forward host.ip observer.hostname observer.vendor process.hash.md5 process.hash.sha1
  process.hash.sha256 related.hash related.hosts related.ip related.user server.domain server.ip server.user.name
  source.user.name user.effective.name user.name user.target.name
generic.gelf: *.address *.domain *.port app.* client.domain client.ip client.user.name destination.user.name
  dns.resolved_ip event.action event.category event.outcome event.type file.hash.md5 file.hash.sha1 file.hash.sha256
  gelf.* gelf.level gelf.short_message generic.gelf host.ip log.origin.file.line log.origin.file.name
  observer.hostname observer.vendor process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash
  related.hosts related.ip related.user server.domain server.ip server.user.name source.user.name
  user.effective.name user.name user.target.name
generic.json: *.address *.domain *.port app.* app.result client.domain client.ip client.user.name
  destination.user.name dns.resolved_ip event.action event.category event.outcome event.type file.hash.md5
  file.hash.sha1 file.hash.sha256 host.ip observer.hostname observer.vendor process.hash.md5 process.hash.sha1
  process.hash.sha256 related.hash related.hosts related.ip related.user server.domain server.ip server.user.name
  service.name source.mac source.user.name url.original user.effective.name user.name user.target.name
  user_agent.original
generic.logfmt: *.address *.domain *.port client.domain client.ip client.user.name destination.user.name
  dns.resolved_ip event.action event.category event.outcome event.type file.hash.md5 file.hash.sha1 file.hash.sha256
  generic.logfmt host.ip logfmt.* observer.hostname observer.vendor process.hash.md5 process.hash.sha1
  process.hash.sha256 related.hash related.hosts related.ip related.user server.domain server.ip server.user.name
  source.user.name user.effective.name user.name user.target.name
generic.otlp: *.address *.domain *.port app.* client.address client.domain client.ip client.port client.user.name
  cloud.platform cloud.service.name code.column.number code.file.path code.filepath code.function code.function.name
  code.line.number code.lineno container.image.tag container.image.tags deployment.environment
  deployment.environment.name destination.address destination.user.name dns.resolved_ip enduser.id error.stack_trace
  error.type event.action event.category event.id event.name event.outcome event.severity event.type
  exception.message exception.stacktrace exception.type faas.id faas.instance file.hash.md5 file.hash.sha1
  file.hash.sha256 generic.otlp host.arch host.architecture host.ip host.os.full host.os.kernel host.os.name
  host.os.type host.os.version http.client_ip http.method http.request.body.bytes http.request.body.size
  http.request.method http.response.body.bytes http.response.body.size http.response.status_code http.status_code
  http.target http.url http.user_agent k8s.cluster.name k8s.container.name k8s.daemonset.name k8s.deployment.name
  k8s.namespace.name k8s.node.name k8s.pod.name k8s.pod.uid k8s.statefulset.name kubernetes.container.name
  kubernetes.daemonset.name kubernetes.deployment.name kubernetes.namespace kubernetes.node.name kubernetes.pod.name
  kubernetes.pod.uid kubernetes.statefulset.name log.logger log.origin.file.column log.origin.file.line
  log.origin.file.name log.origin.function log.record.uid network.protocol network.protocol.name observer.hostname
  observer.vendor orchestrator.cluster.name os.build_id os.description os.name os.type os.version
  otel.dropped_attributes_count otel.scope otel.scope.version process.args process.command_args process.executable
  process.executable.name process.executable.path process.hash.md5 process.hash.sha1 process.hash.sha256
  process.owner process.parent.pid process.parent_pid process.thread.id process.thread.name process.user.name
  related.hash related.hosts related.ip related.user server.domain server.ip server.user.name service.environment
  service.instance.id service.name service.node.name source.address source.user.name span.id syslog.facility.code
  syslog.msg.id syslog.procid syslog.severity.code thread.id thread.name trace.id url.full url.original
  user.effective.name user.id user.name user.target.name user_agent.original
github.audit: *.address *.domain *.port app.* client.domain client.ip client.user.name destination.user.name
  dns.resolved_ip event.action event.category event.id event.outcome event.type file.hash.md5 file.hash.sha1
  file.hash.sha256 github.* github.audit github.category host.ip observer.hostname observer.vendor process.hash.md5
  process.hash.sha1 process.hash.sha256 related.hash related.hosts related.ip related.user server.domain server.ip
  server.user.name source.user.name user.domain user.effective.name user.email user.name user.target.name
  user_agent.original
google_workspace.*: *.address *.domain *.port app.* client.domain client.ip client.user.name cloud.project.id
  cloud.provider destination.user.name dns.resolved_ip event.action event.category event.id event.outcome event.type
  file.hash.md5 file.hash.sha1 file.hash.sha256 gcp.audit gcp.audit.* gcp.audit.resource.type google_workspace.*
  google_workspace.*.* host.ip log.logger observer.hostname observer.vendor process.hash.md5 process.hash.sha1
  process.hash.sha256 related.hash related.hosts related.ip related.user server.domain server.ip server.user.name
  service.name source.user.name user.domain user.effective.name user.email user.name user.target.name
  user_agent.original
haproxy.log: *.address *.domain *.port *.registered_domain *.subdomain *.top_level_domain client.domain client.ip
  client.user.name destination.domain destination.user.name dns.question dns.question.class dns.question.name
  dns.question.type dns.resolved_ip event.action event.category event.duration event.outcome event.type
  file.hash.md5 file.hash.sha1 file.hash.sha256 haproxy.backend_name haproxy.backend_queue haproxy.bind_name
  haproxy.bytes_read haproxy.connection_wait_time_ms haproxy.connections.* haproxy.frontend_name
  haproxy.http.request.raw_request_line haproxy.http.request.time_wait_ms
  haproxy.http.request.time_wait_without_data_ms haproxy.log haproxy.mode haproxy.server_name haproxy.server_queue
  haproxy.source haproxy.termination_state haproxy.total_waiting_time_ms host.ip http.request.method
  http.request.referrer http.response.body.bytes http.response.bytes http.response.status_code http.version
  observer.hostname observer.vendor process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash
  related.hosts related.ip related.user server.domain server.ip server.user.name source.bytes source.user.name
  tls.*.* tls.*.x509.*.common_name tls.cipher tls.client.server_name tls.version tls.version_protocol url.domain
  url.extension url.fragment url.full url.original url.path url.port url.query url.scheme url.username
  user.effective.name user.name user.target.name user_agent.original
iis.*: *.address *.domain *.port client.domain client.ip client.user.name destination.domain destination.user.name
  dns.resolved_ip event.action event.category event.duration event.outcome event.type file.hash.md5 file.hash.sha1
  file.hash.sha256 host.ip http.request.body.bytes http.request.method http.request.referrer
  http.response.body.bytes http.response.status_code http.version iis.* iis.access.cookie iis.access.server_name
  iis.access.site_name iis.access.sub_status iis.access.win32_status iis.error.queue_name iis.error.reason_phrase
  network.forwarded_ip observer.hostname observer.vendor process.hash.md5 process.hash.sha1 process.hash.sha256
  related.hash related.hosts related.ip related.user server.domain server.ip server.user.name source.user.name
  url.domain url.extension url.original url.path url.query user.effective.name user.name user.target.name
  user_agent.original
infoblox_nios.log: *.address *.domain *.port *.registered_domain *.subdomain *.top_level_domain bind.log
  bind.log.category bind.log.flags bind.log.view client.domain client.ip client.port client.user.name
  destination.user.name dns.answers.class dns.answers.data dns.answers.name dns.answers.ttl dns.answers.type
  dns.header_flags dns.question dns.question.class dns.question.name dns.question.type dns.resolved_ip
  dns.response_code dns.type event.action event.category event.outcome event.type file.hash.md5 file.hash.sha1
  file.hash.sha256 host.domain host.ip infoblox_nios.log infoblox_nios.log.audit.ip infoblox_nios.log.dns.view
  network.protocol observer.hostname observer.product observer.vendor process.hash.md5 process.hash.sha1
  process.hash.sha256 related.hash related.hosts related.ip related.user server.domain server.ip server.user.name
  source.user.name tls.*.* tls.*.x509.*.common_name tls.version tls.version_protocol url.domain url.extension
  url.fragment url.full url.original url.path url.port url.query url.scheme url.username user.effective.name
  user.name user.target.name
iptables.log: *.address *.domain *.mac *.nat.ip *.nat.port *.port client.domain client.ip client.user.name
  destination.* destination.user.name dns.resolved_ip event.action event.category event.outcome event.type
  file.hash.md5 file.hash.sha1 file.hash.sha256 firewall.action firewall.blocked host.ip iptables.icmp.code
  iptables.icmp.type iptables.id iptables.input_device iptables.length iptables.log iptables.output_device
  iptables.tcp.flags iptables.tcp.window iptables.ttl network.* network.iana_number observer.egress.interface.name
  observer.hostname observer.ingress.interface.name observer.name observer.product observer.type observer.vendor
  process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash related.hosts related.ip related.user rule.id
  rule.name server.domain server.ip server.user.name source.* source.user.domain source.user.name user.domain
  user.effective.name user.id user.name user.target.name
juniper_srx.log: *.address *.domain *.mac *.nat.ip *.nat.port *.port *.registered_domain *.subdomain
  *.top_level_domain client.domain client.ip client.user.name destination.* destination.bytes destination.packets
  destination.user.name dns.question dns.question.class dns.question.name dns.question.type dns.resolved_ip
  event.action event.category event.duration event.outcome event.type file.hash.md5 file.hash.sha1 file.hash.sha256
  file.name firewall.action firewall.blocked host.ip juniper.srx juniper.srx.process juniper.srx.session_id
  juniper.srx.tag juniper_srx.log network.* network.application network.iana_number network.protocol
  observer.egress.interface.name observer.egress.zone observer.hostname observer.ingress.interface.name
  observer.ingress.zone observer.name observer.product observer.type observer.vendor process.hash.md5
  process.hash.sha1 process.hash.sha256 related.hash related.hosts related.ip related.user rule.id rule.name
  server.domain server.ip server.user.name source.* source.bytes source.domain source.packets source.user.domain
  source.user.name threat.indicator.name tls.*.* tls.*.x509.*.common_name tls.version tls.version_protocol
  url.domain url.extension url.fragment url.full url.original url.path url.port url.query url.scheme url.username
  user.domain user.effective.name user.name user.target.name
kubernetes.audit_logs: *.address *.domain *.port *.registered_domain *.subdomain *.top_level_domain app.*
  client.domain client.ip client.user.name destination.user.name dns.question dns.question.class dns.question.name
  dns.question.type dns.resolved_ip event.action event.category event.id event.outcome event.type file.hash.md5
  file.hash.sha1 file.hash.sha256 host.ip http.response.status_code kubernetes.audit.* kubernetes.audit.capabilities
  kubernetes.audit.hostPath kubernetes.audit.privileged kubernetes.audit_logs observer.hostname observer.vendor
  orchestrator.namespace orchestrator.resource.name orchestrator.resource.type process.hash.md5 process.hash.sha1
  process.hash.sha256 related.hash related.hosts related.ip related.user server.domain server.ip server.user.name
  source.user.name tls.*.* tls.*.x509.*.common_name tls.version tls.version_protocol url.domain url.extension
  url.fragment url.full url.original url.path url.port url.query url.scheme url.username user.effective.name user.id
  user.name user.target.name user_agent.original
leef.log: *.address *.args *.args_count *.command_line *.domain *.executable *.hash.* *.mac *.name *.nat.ip
  *.nat.port *.pe.imphash *.port *.registered_domain *.subdomain *.top_level_domain cef.extensions.* cef.file_hash
  cef.log cef.name cef.severity cef.version citrix_waf.log client.domain client.ip client.user.name destination.*
  destination.bytes destination.domain destination.packets destination.service.name destination.user.group.name
  destination.user.id destination.user.name dns.question dns.question.class dns.question.name dns.question.type
  dns.resolved_ip event.action event.category event.code event.end event.id event.outcome event.reason
  event.severity event.start event.timezone event.type file.created file.directory file.extension file.hash.md5
  file.hash.sha1 file.hash.sha256 file.inode file.mtime file.name file.path file.size file.type firewall.action
  firewall.blocked host.ip http.request.id http.request.method http.request.referrer infoblox_nios.log
  leef.attributes.* leef.log leef.version network.* network.application network.iana_number network.protocol
  observer.egress.interface.name observer.hostname observer.ingress.interface.name observer.ip observer.name
  observer.product observer.type observer.vendor observer.version organization.id process.hash.md5 process.hash.sha1
  process.hash.sha256 registry.hive registry.key registry.path registry.value related.hash related.hosts related.ip
  related.user rule.id rule.name rule.ruleset rule.uuid server.domain server.ip server.user.name source.*
  source.bytes source.domain source.packets source.process.pid source.user.domain source.user.group.name
  source.user.id source.user.name tls.*.* tls.*.x509.*.common_name tls.version tls.version_protocol
  trendmicro.deep_security url.domain url.extension url.fragment url.full url.original url.path url.port url.query
  url.scheme url.username user.domain user.effective.name user.name user.target.name user_agent.original
microsoft_dhcp.log: *.address *.domain *.port client.domain client.ip client.user.name destination.user.name
  dns.resolved_ip event.action event.category event.code event.outcome event.type file.hash.md5 file.hash.sha1
  file.hash.sha256 host.domain host.id host.ip host.mac microsoft.dhcp.correlation_id microsoft.dhcp.dhc_id
  microsoft.dhcp.dns_error_code microsoft.dhcp.duid.hex microsoft.dhcp.duid.length microsoft.dhcp.error_code
  microsoft.dhcp.probation_time microsoft.dhcp.relay_agent_info microsoft.dhcp.result microsoft.dhcp.subnet_prefix
  microsoft.dhcp.transaction_id microsoft.dhcp.user.hex microsoft.dhcp.user.string microsoft.dhcp.vendor.hex
  microsoft.dhcp.vendor.string microsoft_dhcp.log observer.hostname observer.vendor process.hash.md5
  process.hash.sha1 process.hash.sha256 related.hash related.hosts related.ip related.user server.domain server.ip
  server.user.name source.user.name user.effective.name user.name user.target.name
microsoft_exchange_server.messagetracking: *.address *.domain *.port client.domain client.ip client.user.name
  destination.domain destination.user.name dns.resolved_ip email.direction email.from.address email.message_id
  email.sender.address email.subject email.to.address event.action event.category event.outcome event.type
  file.hash.md5 file.hash.sha1 file.hash.sha256 host.ip microsoft_exchange_server.messagetracking
  microsoft_exchange_server.messagetracking.* network.bytes observer.hostname observer.vendor process.hash.md5
  process.hash.sha1 process.hash.sha256 related.hash related.hosts related.ip related.user server.domain server.ip
  server.user.name source.domain source.user.name user.effective.name user.name user.target.name
microsoft_sqlserver.audit: *.address *.args *.args_count *.command_line *.domain *.executable *.hash.* *.name
  *.pe.imphash *.port client.domain client.ip client.user.name destination.user.name dns.resolved_ip event.action
  event.category event.code event.outcome event.provider event.type file.directory file.extension file.hash.md5
  file.hash.sha1 file.hash.sha256 file.name file.path host.ip host.os.family host.os.type microsoft_sqlserver.audit
  observer.hostname observer.vendor process.hash.md5 process.hash.sha1 process.hash.sha256 process.thread.id
  registry.hive registry.key registry.path registry.value related.hash related.hosts related.ip related.user
  server.domain server.ip server.user.name source.user.name sqlserver.audit.* sysmon_linux.log user.domain
  user.effective.name user.id user.name user.target.name windows.* winlog.* winlog.activity_id winlog.channel
  winlog.computer_name winlog.event_id winlog.event_type winlog.keywords winlog.level winlog.opcode winlog.outcome
  winlog.process.pid winlog.process.thread.id winlog.provider_guid winlog.provider_name winlog.record_id winlog.task
  winlog.user.domain winlog.user.identifier winlog.version
microsoft_sqlserver.log: *.address *.domain *.port client.domain client.ip client.user.name destination.user.name
  dns.resolved_ip event.action event.category event.code event.outcome event.severity event.type file.hash.md5
  file.hash.sha1 file.hash.sha256 host.ip microsoft_sqlserver.log microsoft_sqlserver.log.origin
  microsoft_sqlserver.log.state observer.hostname observer.vendor process.hash.md5 process.hash.sha1
  process.hash.sha256 related.hash related.hosts related.ip related.user server.domain server.ip server.user.name
  source.user.name user.domain user.effective.name user.name user.target.name
mikrotik.log: *.address *.domain *.mac *.nat.ip *.nat.port *.port client.domain client.ip client.user.name
  destination.* destination.user.name dns.resolved_ip event.action event.category event.outcome event.type
  file.hash.md5 file.hash.sha1 file.hash.sha256 firewall.action firewall.blocked host.ip mikrotik.log
  mikrotik.log.connection_state mikrotik.log.flags mikrotik.log.object mikrotik.topics network.* network.bytes
  network.iana_number network.protocol observer.egress.interface.name observer.hostname
  observer.ingress.interface.name observer.name observer.product observer.type observer.vendor process.hash.md5
  process.hash.sha1 process.hash.sha256 related.hash related.hosts related.ip related.user rule.name rule.ruleset
  server.domain server.ip server.user.name source.* source.user.domain source.user.name user.domain
  user.effective.name user.name user.target.name
modsecurity.auditlog: *.address *.domain *.port client.domain client.ip client.user.name destination.domain
  destination.user.name dns.resolved_ip event.action event.category event.outcome event.severity event.type
  file.hash.md5 file.hash.sha1 file.hash.sha256 host.ip http.request.body.content http.request.bytes
  http.request.method http.request.mime_type http.request.referrer http.response.body.bytes
  http.response.body.content http.response.bytes http.response.mime_type http.response.status_code http.version
  modsec.audit.data modsec.audit.messages modsec.audit.rule_ids modsec.audit.server modsec.audit.tags
  modsecurity.auditlog observer.hostname observer.vendor process.hash.md5 process.hash.sha1 process.hash.sha256
  related.hash related.hosts related.ip related.user rule.category rule.id rule.name rule.ruleset server.domain
  server.ip server.user.name source.user.name transaction.id url.domain url.extension url.fragment url.original
  url.path url.query url.scheme user.effective.name user.name user.target.name user_agent.original
modsecurity.log: *.address *.domain *.port apache.error apache.error.module client.domain client.ip client.user.name
  destination.domain destination.user.name dns.resolved_ip event.action event.category event.code event.outcome
  event.severity event.type file.hash.md5 file.hash.sha1 file.hash.sha256 file.path host.ip http.request.method
  http.request.referrer http.response.body.bytes http.response.status_code http.version modsec.audit.data
  modsec.audit.messages modsec.audit.rule_ids modsec.audit.tags modsecurity.log nginx.error
  nginx.error.connection_id nginx.error.upstream observer.hostname observer.vendor process.hash.md5
  process.hash.sha1 process.hash.sha256 process.thread.id related.hash related.hosts related.ip related.user
  rule.category rule.id rule.name rule.ruleset server.domain server.ip server.user.name source.user.name
  transaction.id url.domain url.extension url.fragment url.original url.path url.query url.scheme
  user.effective.name user.name user.target.name user_agent.original
mongodb.audit: *.address *.domain *.port app.* client.domain client.ip client.user.name destination.user.name
  dns.resolved_ip event.action event.category event.outcome event.type file.hash.md5 file.hash.sha1 file.hash.sha256
  host.ip mongodb.audit mongodb.audit.* mongodb.log mongodb.log.attr.* mongodb.log.component mongodb.log.context
  mongodb.log.id observer.hostname observer.vendor process.hash.md5 process.hash.sha1 process.hash.sha256
  related.hash related.hosts related.ip related.user server.domain server.ip server.user.name source.user.name
  user.effective.name user.name user.target.name
mongodb.log: *.address *.domain *.port app.* client.domain client.ip client.user.name destination.user.name
  dns.resolved_ip event.action event.category event.outcome event.type file.hash.md5 file.hash.sha1 file.hash.sha256
  host.ip mongodb.audit mongodb.audit.* mongodb.log mongodb.log.attr.* mongodb.log.component mongodb.log.context
  mongodb.log.database mongodb.log.id observer.hostname observer.vendor process.hash.md5 process.hash.sha1
  process.hash.sha256 related.hash related.hosts related.ip related.user server.domain server.ip server.user.name
  source.user.name user.effective.name user.name user.target.name
mysql.error: *.address *.domain *.port client.domain client.ip client.user.name destination.user.name
  dns.resolved_ip event.action event.category event.code event.duration event.outcome event.provider event.type
  file.hash.md5 file.hash.sha1 file.hash.sha256 host.ip mysql.error mysql.general mysql.general.query mysql.slowlog
  mysql.slowlog.lock_time.sec mysql.slowlog.query mysql.slowlog.rows_examined mysql.slowlog.rows_sent
  mysql.thread_id observer.hostname observer.vendor process.hash.md5 process.hash.sha1 process.hash.sha256
  related.hash related.hosts related.ip related.user server.domain server.ip server.user.name source.domain
  source.user.name user.effective.name user.name user.target.name
mysql.general: *.address *.domain *.port client.domain client.ip client.user.name destination.user.name
  dns.resolved_ip event.action event.category event.code event.duration event.outcome event.provider event.type
  file.hash.md5 file.hash.sha1 file.hash.sha256 host.ip mysql.error mysql.general mysql.general.query mysql.slowlog
  mysql.slowlog.lock_time.sec mysql.slowlog.query mysql.slowlog.rows_examined mysql.slowlog.rows_sent
  mysql.thread_id observer.hostname observer.vendor process.hash.md5 process.hash.sha1 process.hash.sha256
  related.hash related.hosts related.ip related.user server.domain server.ip server.user.name source.domain
  source.user.name user.effective.name user.name user.target.name
mysql.slowlog: *.address *.domain *.port client.domain client.ip client.user.name destination.user.name
  dns.resolved_ip event.action event.category event.code event.duration event.outcome event.provider event.type
  file.hash.md5 file.hash.sha1 file.hash.sha256 host.ip mysql.error mysql.general mysql.general.query mysql.slowlog
  mysql.slowlog.lock_time.sec mysql.slowlog.query mysql.slowlog.rows_examined mysql.slowlog.rows_sent
  mysql.thread_id observer.hostname observer.vendor process.hash.md5 process.hash.sha1 process.hash.sha256
  related.hash related.hosts related.ip related.user server.domain server.ip server.user.name source.domain
  source.user.name user.effective.name user.name user.target.name
mysql_enterprise.audit: *.address *.domain *.port app.* client.domain client.ip client.user.name
  destination.user.name dns.resolved_ip event.action event.category event.outcome event.type file.hash.md5
  file.hash.sha1 file.hash.sha256 host.ip host.os.full mysql_enterprise.audit mysqlenterprise.audit.*
  observer.hostname observer.vendor process.args process.args_count process.command_line process.executable
  process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash related.hosts related.ip related.user
  server.domain server.ip server.user.name service.id service.version source.user.name user.effective.name user.name
  user.target.domain user.target.name
nginx.access: *.address *.domain *.port *.remote_ip_list *.upstream.alternative_name *.upstream.ip *.upstream.name
  *.upstream.port *.upstream.response.length_list *.upstream.response.status_code
  *.upstream.response.status_code_list *.upstream.response.time_list *.upstream_address_list client.domain client.ip
  client.user.name destination.domain destination.user.name dns.resolved_ip event.action event.category
  event.duration event.outcome event.type file.hash.md5 file.hash.sha1 file.hash.sha256 host.ip http.request.bytes
  http.request.id http.request.method http.request.referrer http.response.body.bytes http.response.status_code
  http.version nginx.access nginx.access.remote_ip_list nginx_ingress_controller.access observer.hostname
  observer.vendor process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash related.hosts related.ip
  related.user server.domain server.ip server.user.name source.address source.user.name url.domain url.extension
  url.fragment url.original url.path url.query url.scheme user.effective.name user.name user.target.name
  user_agent.original
nginx.error: *.address *.domain *.port client.domain client.ip client.user.name destination.domain
  destination.user.name dns.resolved_ip event.action event.category event.outcome event.type file.hash.md5
  file.hash.sha1 file.hash.sha256 host.ip http.request.method http.request.referrer http.response.body.bytes
  http.response.status_code http.version nginx.error nginx.error.connection_id nginx.error.upstream
  observer.hostname observer.vendor process.hash.md5 process.hash.sha1 process.hash.sha256 process.thread.id
  related.hash related.hosts related.ip related.user server.domain server.ip server.user.name source.user.name
  url.domain url.extension url.fragment url.original url.path url.query url.scheme user.effective.name user.name
  user.target.name user_agent.original
nginx_ingress_controller.access: *.address *.domain *.port *.remote_ip_list *.upstream.alternative_name
  *.upstream.ip *.upstream.name *.upstream.port *.upstream.response.length_list *.upstream.response.status_code
  *.upstream.response.status_code_list *.upstream.response.time_list *.upstream_address_list client.domain client.ip
  client.user.name destination.domain destination.user.name dns.resolved_ip event.action event.category
  event.duration event.outcome event.type file.hash.md5 file.hash.sha1 file.hash.sha256 host.ip http.request.bytes
  http.request.id http.request.method http.request.referrer http.response.body.bytes http.response.status_code
  http.version nginx.access nginx.access.remote_ip_list nginx_ingress_controller.access observer.hostname
  observer.vendor process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash related.hosts related.ip
  related.user server.domain server.ip server.user.name source.address source.user.name url.domain url.extension
  url.fragment url.original url.path url.query url.scheme user.effective.name user.name user.target.name
  user_agent.original
o365.audit: *.address *.domain *.port app.* client.domain client.ip client.user.name destination.user.name
  dns.resolved_ip event.action event.category event.code event.id event.outcome event.provider event.type
  file.hash.md5 file.hash.sha1 file.hash.sha256 host.ip o365.audit o365.audit.* observer.hostname observer.vendor
  organization.id process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash related.hosts related.ip
  related.user server.domain server.ip server.user.name source.user.name user.domain user.effective.name user.email
  user.id user.name user.target.name user_agent.original
okta.system: *.address *.domain *.port app.* client.domain client.ip client.user.name destination.user.name
  dns.resolved_ip event.action event.category event.id event.outcome event.type file.hash.md5 file.hash.sha1
  file.hash.sha256 host.ip observer.hostname observer.vendor okta.* okta.system process.hash.md5 process.hash.sha1
  process.hash.sha256 related.hash related.hosts related.ip related.user server.domain server.ip server.user.name
  source.user.name user.domain user.effective.name user.email user.full_name user.id user.name user.target.full_name
  user.target.name user_agent.original
onelogin.events: *.address *.domain *.port app.* client.domain client.ip client.user.name destination.user.name
  dns.resolved_ip event.action event.category event.code event.id event.outcome event.type file.hash.md5
  file.hash.sha1 file.hash.sha256 host.ip observer.hostname observer.vendor onelogin.* onelogin.events
  process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash related.hosts related.ip related.user
  server.domain server.ip server.user.name source.user.name user.domain user.effective.name user.email user.name
  user.target.name
opencanary.log: *.address *.domain *.port app.* client.domain client.ip client.user.name destination.user.name
  dns.resolved_ip event.action event.category event.code event.outcome event.type file.hash.md5 file.hash.sha1
  file.hash.sha256 host.ip observer.hostname observer.name observer.vendor opencanary.* opencanary.log
  process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash related.hosts related.ip related.user
  server.domain server.ip server.user.name source.user.name user.domain user.effective.name user.email user.name
  user.target.name user_agent.original
oracle.database_audit: *.address *.domain *.port client.address client.domain client.ip client.terminal
  client.user.name database.id destination.user.name dns.resolved_ip entry.id event.action event.category event.code
  event.outcome event.type file.hash.md5 file.hash.sha1 file.hash.sha256 file.name host.ip observer.hostname
  observer.vendor oracle.database_audit oracle.database_audit.* process.hash.md5 process.hash.sha1
  process.hash.sha256 related.hash related.hosts related.ip related.user server.address server.domain server.ip
  server.user.name source.user.name user.effective.name user.name user.roles user.target.name
oracle_weblogic.*: *.address *.domain *.port client.domain client.ip client.user.name destination.domain
  destination.user.name dns.resolved_ip event.action event.category event.code event.outcome event.type
  file.hash.md5 file.hash.sha1 file.hash.sha256 host.ip http.request.method http.request.referrer
  http.response.body.bytes http.response.bytes http.response.status_code http.version observer.hostname
  observer.vendor oracle_weblogic.* oracle_weblogic.*.* oracle_weblogic.*.message_id oracle_weblogic.access
  oracle_weblogic.user process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash related.hosts related.ip
  related.user server.domain server.ip server.user.name source.user.name transaction.id url.domain url.extension
  url.fragment url.original url.path url.query url.scheme user.effective.name user.name user.target.name
  user_agent.original
oracle_weblogic.access: *.address *.domain *.port client.domain client.ip client.user.name destination.domain
  destination.user.name dns.resolved_ip event.action event.category event.code event.outcome event.type
  file.hash.md5 file.hash.sha1 file.hash.sha256 host.ip http.request.method http.request.referrer
  http.response.body.bytes http.response.bytes http.response.status_code http.version observer.hostname
  observer.vendor oracle_weblogic.* oracle_weblogic.*.* oracle_weblogic.*.message_id oracle_weblogic.access
  oracle_weblogic.user process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash related.hosts related.ip
  related.user server.domain server.ip server.user.name source.user.name transaction.id url.domain url.extension
  url.fragment url.original url.path url.query url.scheme user.effective.name user.name user.target.name
  user_agent.original
panw.panos: *.address *.domain *.mac *.nat.ip *.nat.port *.port *.registered_domain *.subdomain *.top_level_domain
  client.domain client.ip client.user.name destination.* destination.bytes destination.domain destination.packets
  destination.user.name dns.question dns.question.class dns.question.name dns.question.type dns.resolved_ip
  event.action event.category event.code event.duration event.outcome event.reason event.severity event.type
  file.hash.md5 file.hash.sha1 file.hash.sha256 file.name file.path firewall.action firewall.blocked host.id host.ip
  host.os.family host.os.full http.request.method http.request.referrer network.* network.application network.bytes
  network.iana_number network.packets observer.egress.interface.name observer.egress.zone observer.hostname
  observer.ingress.interface.name observer.ingress.zone observer.name observer.product observer.serial_number
  observer.type observer.vendor panw.panos panw.panos.* panw.panos.config.path panw.panos.sub_type
  panw.panos.threat.id panw.panos.threat.name panw.panos.type process.hash.md5 process.hash.sha1 process.hash.sha256
  related.hash related.hosts related.ip related.user rule.name rule.uuid server.domain server.ip server.user.name
  source.* source.bytes source.packets source.user.domain source.user.name tls.*.* tls.*.x509.*.common_name
  tls.cipher tls.client.server_name tls.curve tls.server.x509.issuer.common_name tls.server.x509.serial_number
  tls.server.x509.subject.common_name tls.version tls.version_protocol url.domain url.extension url.fragment
  url.full url.original url.path url.port url.query url.scheme url.username user.domain user.effective.name
  user.name user.target.name user_agent.original
pfsense.log: *.address *.domain *.mac *.nat.ip *.nat.port *.port *.registered_domain *.subdomain *.top_level_domain
  client.address client.domain client.ip client.user.name destination.* destination.user.name dns.question
  dns.question.class dns.question.name dns.question.type dns.resolved_ip dns.response_code dns.type event.action
  event.category event.outcome event.provider event.reason event.type file.hash.md5 file.hash.sha1 file.hash.sha256
  firewall.action firewall.blocked host.ip network.* network.bytes network.iana_number network.protocol
  network.vlan.id observer.hostname observer.ingress.interface.name observer.name observer.product observer.type
  observer.vendor pfsense.icmp.type pfsense.ip.tos pfsense.ip.ttl pfsense.log pfsense.tcp.flags pfsense.tcp.length
  pfsense.tcp.window pfsense.udp.length process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash
  related.hosts related.ip related.user rule.id server.domain server.ip server.user.name source.* source.user.domain
  source.user.name strongswan.log strongswan.log.connection strongswan.log.group tls.*.* tls.*.x509.*.common_name
  tls.version tls.version_protocol unbound.log url.domain url.extension url.fragment url.full url.original url.path
  url.port url.query url.scheme url.username user.domain user.effective.name user.name user.target.name
postfix.log: *.address *.domain *.port client.domain client.ip client.user.name destination.user.name
  dns.resolved_ip email.from.address email.message_id email.to.address event.action event.category event.outcome
  event.type file.hash.md5 file.hash.sha1 file.hash.sha256 host.ip observer.hostname observer.vendor postfix.helo
  postfix.log postfix.queue_id postfix.relay postfix.reply_code postfix.sasl_method process.hash.md5
  process.hash.sha1 process.hash.sha256 related.hash related.hosts related.ip related.user server.domain server.ip
  server.user.name source.domain source.user.name user.effective.name user.name user.target.name
postgresql.log: *.address *.domain *.port client.domain client.ip client.user.name destination.user.name
  dns.resolved_ip event.action event.category event.duration event.outcome event.type file.hash.md5 file.hash.sha1
  file.hash.sha256 host.ip observer.hostname observer.vendor postgresql.log postgresql.log.application_name
  postgresql.log.backend_type postgresql.log.client_addr postgresql.log.client_port postgresql.log.command_tag
  postgresql.log.database postgresql.log.detail postgresql.log.hint postgresql.log.query postgresql.log.query_name
  postgresql.log.query_step postgresql.log.session_id postgresql.log.session_line_number
  postgresql.log.sql_state_code postgresql.log.virtual_transaction_id process.hash.md5 process.hash.sha1
  process.hash.sha256 related.hash related.hosts related.ip related.user server.domain server.ip server.user.name
  source.user.name user.effective.name user.name user.target.name
redis.log: *.address *.domain *.port client.domain client.ip client.user.name destination.user.name dns.resolved_ip
  event.action event.category event.outcome event.type file.hash.md5 file.hash.sha1 file.hash.sha256 host.ip
  observer.hostname observer.vendor process.hash.md5 process.hash.sha1 process.hash.sha256 redis.log redis.log.role
  related.hash related.hosts related.ip related.user server.domain server.ip server.user.name source.user.name
  user.effective.name user.name user.target.name
snort.log: *.address *.domain *.mac *.nat.ip *.nat.port *.port client.domain client.ip client.user.name
  destination.* destination.user.name dns.resolved_ip event.action event.category event.outcome event.severity
  event.type file.hash.md5 file.hash.sha1 file.hash.sha256 firewall.action firewall.blocked host.ip network.*
  network.iana_number observer.hostname observer.name observer.product observer.type observer.vendor
  process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash related.hosts related.ip related.user
  rule.category rule.description rule.id rule.name rule.version server.domain server.ip server.user.name snort.gid
  snort.log source.* source.user.domain source.user.name user.domain user.effective.name user.name user.target.name
soc.health: event.action soc.health soc.health.* soc.health.episode soc.health.kind soc.health.state
sophos.utm: *.address *.domain *.mac *.nat.ip *.nat.port *.port *.registered_domain *.subdomain *.top_level_domain
  client.domain client.ip client.user.name destination.* destination.user.name dns.question dns.question.class
  dns.question.name dns.question.type dns.resolved_ip event.action event.category event.code event.outcome
  event.reason event.type file.hash.md5 file.hash.sha1 file.hash.sha256 file.name firewall.action firewall.blocked
  host.ip http.request.method http.request.referrer http.response.body.bytes http.response.mime_type
  http.response.status_code network.* network.application network.iana_number observer.egress.interface.name
  observer.hostname observer.ingress.interface.name observer.name observer.product observer.type observer.vendor
  process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash related.hosts related.ip related.user rule.id
  server.domain server.ip server.user.name sophos.utm source.* source.user.domain source.user.name
  threat.indicator.name tls.*.* tls.*.x509.*.common_name tls.version tls.version_protocol url.domain url.extension
  url.fragment url.full url.original url.path url.port url.query url.scheme url.username user.domain
  user.effective.name user.name user.target.name user_agent.original
sophos.xg: *.address *.domain *.mac *.nat.ip *.nat.port *.port *.registered_domain *.subdomain *.top_level_domain
  client.domain client.ip client.user.name destination.* destination.bytes destination.domain destination.packets
  destination.user.email destination.user.name dns.question dns.question.class dns.question.name dns.question.type
  dns.resolved_ip event.action event.category event.code event.duration event.outcome event.reason event.severity
  event.type file.hash.md5 file.hash.sha1 file.hash.sha256 file.mime_type file.name file.path file.size
  firewall.action firewall.blocked host.ip http.request.bytes http.request.method http.request.referrer
  http.response.bytes http.response.status_code http.version network.* network.iana_number network.protocol
  observer.egress.interface.name observer.egress.zone observer.hostname observer.ingress.interface.name
  observer.ingress.zone observer.name observer.product observer.serial_number observer.type observer.vendor
  process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash related.hosts related.ip related.user
  rule.category rule.id rule.name rule.ruleset server.domain server.ip server.user.name sophos.xg
  sophos.xg.log_component source.* source.bytes source.domain source.packets source.user.domain source.user.email
  source.user.group.name source.user.name threat.indicator.name tls.*.* tls.*.x509.*.common_name tls.version
  tls.version_protocol url.domain url.extension url.fragment url.full url.original url.path url.port url.query
  url.scheme url.username user.domain user.effective.name user.name user.target.name user_agent.original
sophos_central.*: *.address *.domain *.mac *.nat.ip *.nat.port *.port amsi_threat_data.parentProcessPath
  amsi_threat_data.processName client.domain client.ip client.user.name core_remedy_items.ip data.appSha256
  data.endpoint_name data.hmpa_exploit.process_name data.hmpa_exploit.process_pid data.ips_threat.executable_name
  data.ips_threat.remote_ip data.ips_threat.remote_port data.source_info.ip destination.* destination.user.name
  dns.resolved_ip event.action event.category event.code event.outcome event.type file.hash.md5 file.hash.sha1
  file.hash.sha256 firewall.action firewall.blocked host.ip ips_threat_data.executablePath
  ips_threat_data.executablePid ips_threat_data.localPort ips_threat_data.remoteIp ips_threat_data.remotePort
  network.* network.iana_number observer.hostname observer.name observer.product observer.type observer.vendor
  process.executable process.hash.md5 process.hash.sha1 process.hash.sha256 process.parent.executable related.hash
  related.hosts related.ip related.user server.domain server.ip server.user.name sophos_central.* sophos_central.*.*
  source.* source.user.domain source.user.name source_info.ip threat.indicator.name user.domain user.effective.name
  user.id user.name user.target.name
squid.access: *.address *.domain *.port *.registered_domain *.subdomain *.top_level_domain client.domain client.ip
  client.user.name destination.domain destination.user.name dns.question dns.question.class dns.question.name
  dns.question.type dns.resolved_ip event.action event.category event.duration event.outcome event.type
  file.hash.md5 file.hash.sha1 file.hash.sha256 host.ip http.request.method http.request.referrer
  http.response.body.bytes http.response.bytes http.response.mime_type http.response.status_code http.version
  observer.hostname observer.vendor process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash
  related.hosts related.ip related.user server.domain server.ip server.user.name source.user.name squid.access
  squid.access.hierarchy squid.access.result squid.log tls.*.* tls.*.x509.*.common_name tls.version
  tls.version_protocol url.domain url.extension url.fragment url.full url.original url.path url.port url.query
  url.scheme url.username user.effective.name user.name user.target.name user_agent.original
squid.log: *.address *.domain *.port *.registered_domain *.subdomain *.top_level_domain client.domain client.ip
  client.user.name destination.domain destination.user.name dns.question dns.question.class dns.question.name
  dns.question.type dns.resolved_ip event.action event.category event.duration event.outcome event.type
  file.hash.md5 file.hash.sha1 file.hash.sha256 host.ip http.request.method http.request.referrer
  http.response.body.bytes http.response.bytes http.response.mime_type http.response.status_code http.version
  observer.hostname observer.vendor process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash
  related.hosts related.ip related.user server.domain server.ip server.user.name source.user.name squid.access
  squid.access.hierarchy squid.access.result squid.log tls.*.* tls.*.x509.*.common_name tls.version
  tls.version_protocol url.domain url.extension url.fragment url.full url.original url.path url.port url.query
  url.scheme url.username user.effective.name user.name user.target.name user_agent.original
strongswan.log: *.address *.domain *.mac *.nat.ip *.nat.port *.port client.domain client.ip client.user.name
  destination.* destination.user.name dns.resolved_ip event.action event.category event.outcome event.provider
  event.type file.hash.md5 file.hash.sha1 file.hash.sha256 firewall.action firewall.blocked host.ip network.*
  network.bytes network.iana_number network.protocol observer.hostname observer.name observer.product observer.type
  observer.vendor pfsense.log process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash related.hosts
  related.ip related.user server.domain server.ip server.user.name source.* source.user.domain source.user.name
  strongswan.log strongswan.log.connection strongswan.log.group user.domain user.effective.name user.name
  user.target.name
suricata.eve: *.address *.domain *.mac *.nat.ip *.nat.port *.port *.registered_domain *.subdomain *.top_level_domain
  app.* client.domain client.ip client.user.name destination.* destination.bytes destination.domain
  destination.packets destination.user.name dns.answers dns.header_flags dns.id dns.question dns.question.class
  dns.question.name dns.question.type dns.resolved_ip dns.response_code dns.type email.from.address email.subject
  email.to.address event.action event.category event.duration event.end event.outcome event.severity event.start
  event.type file.hash.* file.hash.md5 file.hash.sha1 file.hash.sha256 file.path file.size firewall.action
  firewall.blocked host.ip http.request.method http.request.referrer http.response.body.bytes
  http.response.mime_type http.response.status_code http.version network.* network.iana_number network.protocol
  observer.hostname observer.ingress.interface.name observer.name observer.product observer.type observer.vendor
  process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash related.hosts related.ip related.user
  rule.category rule.id rule.name rule.version server.domain server.ip server.user.name source.* source.bytes
  source.packets source.user.domain source.user.name suricata.eve suricata.eve.* threat.tactic.id
  threat.technique.id tls.*.* tls.*.x509.*.common_name tls.client.ja3 tls.client.server_name tls.resumed
  tls.server.* tls.server.hash.sha1 tls.server.ja3s tls.server.x509.serial_number tls.version tls.version_protocol
  url.domain url.extension url.fragment url.full url.original url.path url.port url.query url.scheme url.username
  user.domain user.effective.name user.name user.target.name user_agent.original
system.auth: *.address *.domain *.port client.domain client.ip client.user.name destination.user.name
  dns.resolved_ip event.action event.category event.outcome event.provider event.reason event.type file.hash.md5
  file.hash.sha1 file.hash.sha256 group.id group.name host.ip observer.hostname observer.vendor process.command_line
  process.hash.md5 process.hash.sha1 process.hash.sha256 process.working_directory related.hash related.hosts
  related.ip related.user server.domain server.ip server.user.name service.name source.domain source.user.name
  system.auth.login.tty system.auth.pam.by system.auth.pam.service system.auth.pam.tty system.auth.pam.type
  system.auth.session.id system.auth.ssh.event system.auth.ssh.invalid_user system.auth.ssh.method
  system.auth.ssh.signature system.auth.ssh.subsystem system.auth.su.tty system.auth.sudo.* system.auth.sudo.command
  system.auth.sudo.error system.auth.sudo.pwd system.auth.sudo.tty system.auth.sudo.user system.auth.useradd.home
  system.auth.useradd.shell system.auth.usermod.field user.effective.id user.effective.name user.id user.name
  user.target.name
system.syslog: *.address *.domain *.port client.domain client.ip client.user.name destination.user.name
  dns.resolved_ip event.action event.category event.outcome event.type file.hash.md5 file.hash.sha1 file.hash.sha256
  host.ip observer.hostname observer.vendor process.command_line process.hash.md5 process.hash.sha1
  process.hash.sha256 related.hash related.hosts related.ip related.user server.domain server.ip server.user.name
  service.name source.user.name system.auth.session.id user.effective.name user.name user.target.name
unbound.log: *.address *.domain *.port *.registered_domain *.subdomain *.top_level_domain client.address
  client.domain client.ip client.user.name destination.user.name dns.question dns.question.class dns.question.name
  dns.question.type dns.resolved_ip dns.response_code dns.type event.action event.category event.outcome
  event.provider event.type file.hash.md5 file.hash.sha1 file.hash.sha256 host.ip network.protocol observer.hostname
  observer.vendor pfsense.log process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash related.hosts
  related.ip related.user server.domain server.ip server.user.name source.user.name tls.*.* tls.*.x509.*.common_name
  tls.version tls.version_protocol unbound.log url.domain url.extension url.fragment url.full url.original url.path
  url.port url.query url.scheme url.username user.effective.name user.name user.target.name
vsphere.log: *.address *.domain *.port client.domain client.ip client.user.name destination.user.name
  dns.resolved_ip event.action event.category event.id event.outcome event.type file.hash.md5 file.hash.sha1
  file.hash.sha256 host.ip observer.hostname observer.vendor process.hash.md5 process.hash.sha1 process.hash.sha256
  related.hash related.hosts related.ip related.user server.domain server.ip server.user.name source.user.name
  user.domain user.effective.name user.name user.target.name vsphere.log
windows.*: *.address *.args *.args_count *.command_line *.domain *.executable *.hash.* *.mac *.name *.nat.ip
  *.nat.port *.pe.imphash *.port *.registered_domain *.subdomain *.top_level_domain *.user.domain *.user.name
  client.domain client.ip client.user.name destination.* destination.address destination.user.name
  dll.code_signature.signed dll.code_signature.status dll.code_signature.subject_name dll.name dll.path dns.answers
  dns.question dns.question.class dns.question.name dns.question.type dns.resolved_ip event.action event.category
  event.code event.outcome event.provider event.type file.directory file.extension file.hash.md5 file.hash.sha1
  file.hash.sha256 file.name file.path firewall.action firewall.blocked group.domain group.id group.name host.ip
  host.os.family host.os.type network.* network.iana_number network.protocol observer.hostname observer.name
  observer.product observer.type observer.vendor powershell.file.script_block_id powershell.file.script_block_text
  process.entity_id process.hash.md5 process.hash.sha1 process.hash.sha256 process.parent process.parent.entity_id
  process.parent.pid process.pe.company process.pe.description process.pe.file_version process.pe.original_file_name
  process.pe.product process.title process.working_directory registry.data.strings registry.data.type registry.hive
  registry.key registry.path registry.value related.hash related.hosts related.ip related.user rule.name
  server.domain server.ip server.user.name service.name source.* source.address source.domain source.user.domain
  source.user.name sysmon.dns.status sysmon_linux.log tls.*.* tls.*.x509.*.common_name tls.version
  tls.version_protocol url.domain url.extension url.fragment url.full url.original url.path url.port url.query
  url.scheme url.username user.changes.name user.domain user.effective.domain user.effective.id user.effective.name
  user.id user.name user.target.domain user.target.group.domain user.target.group.id user.target.group.name
  user.target.id user.target.name windows.* winlog.* winlog.activity_id winlog.channel winlog.computer_name
  winlog.event_id winlog.event_type winlog.keywords winlog.level winlog.logon.failure.reason
  winlog.logon.failure.status winlog.logon.failure.sub_status winlog.logon.id winlog.logon.type winlog.opcode
  winlog.outcome winlog.process.pid winlog.process.thread.id winlog.provider_guid winlog.provider_name
  winlog.record_id winlog.service.image_path winlog.task winlog.task_name winlog.user.domain winlog.user.identifier
  winlog.version
windows.dns_server_debug: *.address *.domain *.port *.registered_domain *.subdomain *.top_level_domain client.domain
  client.ip client.user.name destination.user.name dns.header_flags dns.id dns.op_code dns.question
  dns.question.class dns.question.name dns.question.type dns.resolved_ip dns.response_code dns.type event.action
  event.category event.outcome event.type file.hash.md5 file.hash.sha1 file.hash.sha256 host.ip host.os.type
  network.protocol observer.hostname observer.vendor process.hash.md5 process.hash.sha1 process.hash.sha256
  related.hash related.hosts related.ip related.user server.domain server.ip server.user.name source.user.name
  tls.*.* tls.*.x509.*.common_name tls.version tls.version_protocol url.domain url.extension url.fragment url.full
  url.original url.path url.port url.query url.scheme url.username user.effective.name user.name user.target.name
  windows.dns_server_debug winlog.process.thread.id
zeek.*: *.address *.domain *.mac *.nat.ip *.nat.port *.port *.registered_domain *.subdomain *.top_level_domain app.*
  bound.host certificate.exponent certificate.issuer certificate.key_alg certificate.key_length certificate.serial
  certificate.sig_alg certificate.subject certificate.version client.domain client.ip client.user.name destination.*
  destination.domain destination.user.name dns.answers dns.header_flags dns.id dns.question dns.question.class
  dns.question.name dns.question.type dns.resolved_ip dns.response_code dns.type email.from.address email.subject
  email.to.address event.action event.category event.duration event.id event.outcome event.type f.mime_type
  f.total_bytes file.accessed file.created file.ctime file.hash.* file.hash.md5 file.hash.sha1 file.hash.sha256
  file.mime_type file.mtime file.name file.path file.size file.x509.* file.x509.*.* file.x509.*.distinguished_name
  file.x509.alternative_names file.x509.public_key_algorithm file.x509.public_key_exponent file.x509.public_key_size
  file.x509.serial_number file.x509.signature_algorithm file.x509.version_number firewall.action firewall.blocked
  host.ip http.request.body.bytes http.request.method http.request.referrer http.response.body.bytes
  http.response.mime_type http.response.status_code http.version id.orig_h id.orig_p id.resp_h id.resp_p network.*
  network.application network.iana_number network.name network.protocol observer.hostname observer.name
  observer.product observer.type observer.vendor process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash
  related.hosts related.ip related.user rule.description rule.id rule.name san.dns seen.indicator server.domain
  server.ip server.port server.user.name source.* source.user.domain source.user.name times.* tls.* tls.*.*
  tls.*.x509.*.common_name tls.cipher tls.client.ja3 tls.client.server_name tls.curve tls.established
  tls.server.ja3s tls.version tls.version_protocol url.domain url.extension url.fragment url.full url.original
  url.path url.port url.query url.scheme url.username user.domain user.effective.name user.name user.target.name
  user_agent.original zeek.* zeek.*.* zeek.session_id
zimbra.access: *.address *.domain *.email *.name *.port client.domain client.ip client.user.name destination.domain
  destination.user.name dns.resolved_ip error.stack_trace event.action event.category event.outcome event.type
  file.hash.md5 file.hash.sha1 file.hash.sha256 host.ip http.request.method http.request.referrer
  http.response.body.bytes http.response.status_code http.version log.logger observer.hostname observer.vendor
  process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash related.hosts related.ip related.user
  server.domain server.ip server.user.name source.user.name url.domain url.extension url.fragment url.original
  url.path url.query url.scheme user.effective.name user.name user.target user.target.name user_agent.original
  zimbra.* zimbra.access zimbra.access.upstream zimbra.audit zimbra.mailbox zimbra.protocol zimbra.thread
zimbra.audit: *.address *.domain *.email *.name *.port client.domain client.ip client.user.name destination.domain
  destination.user.name dns.resolved_ip error.stack_trace event.action event.category event.outcome event.type
  file.hash.md5 file.hash.sha1 file.hash.sha256 host.ip http.request.method http.request.referrer
  http.response.body.bytes http.response.status_code http.version log.logger observer.hostname observer.vendor
  process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash related.hosts related.ip related.user
  server.domain server.ip server.user.name source.user.name url.domain url.extension url.fragment url.original
  url.path url.query url.scheme user.effective.name user.name user.target user.target.name user_agent.original
  zimbra.* zimbra.access zimbra.access.upstream zimbra.audit zimbra.mailbox zimbra.protocol zimbra.thread
zimbra.mailbox: *.address *.domain *.email *.name *.port client.domain client.ip client.user.name destination.domain
  destination.user.name dns.resolved_ip error.stack_trace event.action event.category event.outcome event.type
  file.hash.md5 file.hash.sha1 file.hash.sha256 host.ip http.request.method http.request.referrer
  http.response.body.bytes http.response.status_code http.version log.logger observer.hostname observer.vendor
  process.hash.md5 process.hash.sha1 process.hash.sha256 related.hash related.hosts related.ip related.user
  server.domain server.ip server.user.name source.user.name url.domain url.extension url.fragment url.original
  url.path url.query url.scheme user.effective.name user.name user.target user.target.name user_agent.original
  zimbra.* zimbra.access zimbra.access.upstream zimbra.audit zimbra.mailbox zimbra.protocol zimbra.thread
`
