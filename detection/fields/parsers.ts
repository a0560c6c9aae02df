/**
 * Fields that the parsers can set, by data set; `*` stands for names that come from the record. Read off the sources of the
 * parsers by `test/detection/fields.test.ts`, which fails where they differ and writes this file anew with `-u`.
 */
export const PARSER_FIELDS = `
*: *.geo.country_iso_code *.ip ecs.version error.code error.message event.count event.dataset event.ingested
  event.kind event.module event.original event.sequence generic.syslog generic.text host.hostname host.name
  log.file.path log.level log.source.address log.syslog.appname log.syslog.facility.code log.syslog.facility.name
  log.syslog.msgid log.syslog.priority log.syslog.procid log.syslog.severity.code log.syslog.severity.name
  log.syslog.structured_data log.syslog.version organization.name process.name process.pid soc.agency
  soc.criticality soc.local.holiday soc.local.hour soc.local.weekday soc.local.working_hours soc.original_encoding
  soc.record soc.seq soc.source soc.system system.auth system.syslog
apache.access: *.address *.domain *.port apache.access apache.access.ssl.cipher apache.access.ssl.protocol
  destination.domain destination.ip destination.port event.action event.category event.outcome event.type
  http.request.method http.request.referrer http.response.body.bytes http.response.status_code http.version
  related.hosts related.ip related.user source.ip tls.cipher url.domain url.extension url.fragment url.original
  url.path url.query url.scheme user.effective.name user.name user.target.name user_agent.original
apache.error: *.address *.domain *.port apache.error apache.error.module destination.ip event.action event.category
  event.code event.outcome event.type file.path http.request.referrer process.thread.id related.hosts related.ip
  related.user source.ip user.effective.name user.name user.target.name
app.*: *.address *.domain *.port app.* app.result destination.ip destination.port event.action event.category
  event.outcome event.type related.hosts related.ip related.user service.name source.ip source.mac source.port
  url.original user.effective.name user.name user.target.name user_agent.original
auditd.log: *.address *.domain *.port auditd.log auditd.log.* auditd.log.node auditd.log.record_type
  auditd.log.sequence destination.ip event.action event.category event.outcome event.type file.path group.id
  group.name host.architecture process.args process.args_count process.command_line process.executable
  process.exit_code process.parent.pid process.working_directory related.hosts related.ip related.user source.ip
  user.audit.id user.audit.name user.effective.group.id user.effective.id user.effective.name
  user.filesystem.group.id user.filesystem.id user.group.id user.id user.name user.owner.group.id user.owner.id
  user.saved.group.id user.saved.id user.target.id user.target.name user.terminal
aws.cloudtrail: *.address *.domain *.port app.* aws.cloudtrail aws.cloudtrail.* aws.cloudtrail.additional_eventdata
  aws.cloudtrail.request_parameters aws.cloudtrail.response_elements cloud.account.id cloud.provider cloud.region
  destination.ip destination.port dns.question.class dns.question.name dns.question.type event.action event.category
  event.id event.outcome event.provider event.type iam.amazonaws.com network.community_id network.transport
  related.hosts related.ip related.user source.ip source.port tls.*.* tls.*.x509.*.common_name tls.version
  tls.version_protocol url.domain url.extension url.fragment url.original url.path url.port url.query url.scheme
  url.username user.domain user.effective.name user.email user.id user.name user.target.name user_agent.original
azure.*: *.address *.domain *.port app.* azure.* azure.*.* azure.correlation_id azure.resource.id
  azure.resource.provider azure.tenant_id cloud.account.id cloud.provider destination.ip destination.port
  dns.question.class dns.question.name dns.question.type event.action event.category event.id event.outcome
  event.type network.community_id network.transport related.hosts related.ip related.user source.ip source.port
  tls.*.* tls.*.x509.*.common_name tls.version tls.version_protocol url.domain url.extension url.fragment
  url.original url.path url.port url.query url.scheme url.username user.domain user.effective.name user.email
  user.full_name user.id user.name user.target.id user.target.name user_agent.original
bind.log: *.address *.domain *.port bind.log bind.log.category bind.log.flags bind.log.view destination.ip
  destination.port dns.question.class dns.question.name dns.question.type dns.type event.action event.category
  event.outcome event.type network.community_id network.protocol network.transport related.hosts related.ip
  related.user source.ip source.port tls.*.* tls.*.x509.*.common_name tls.version tls.version_protocol url.domain
  url.extension url.fragment url.original url.path url.port url.query url.scheme url.username user.effective.name
  user.name user.target.name
bitbucket.audit: *.address *.domain *.port app.* bitbucket.audit bitbucket.audit.* destination.ip destination.port
  dns.question.class dns.question.name dns.question.type event.action event.category event.outcome event.type
  network.community_id network.transport related.hosts related.ip related.user source.ip source.port tls.*.*
  tls.*.x509.*.common_name tls.version tls.version_protocol url.domain url.extension url.fragment url.original
  url.path url.port url.query url.scheme url.username user.domain user.effective.name user.email user.id user.name
  user.target.name
cef.log: *.address *.domain *.mac *.nat.ip *.nat.port *.port cef.extensions.* cef.file_hash cef.log cef.name
  cef.severity cef.version destination.* destination.bytes destination.domain destination.ip destination.port
  destination.user.name event.action event.category event.code event.id event.outcome event.reason event.severity
  event.type file.hash.md5 file.hash.sha1 file.hash.sha256 file.name file.path file.size firewall.action
  firewall.blocked http.request.method network.* network.direction network.iana_number network.protocol
  network.transport observer.hostname observer.ip observer.name observer.product observer.type observer.vendor
  observer.version related.hosts related.ip related.user source.* source.bytes source.domain source.ip source.port
  source.user.name url.domain url.original url.path url.port url.query url.scheme user.domain user.effective.name
  user.name user.target.name user_agent.original
checkpoint.firewall: *.address *.domain *.mac *.nat.ip *.nat.port *.port checkpoint.firewall
  checkpoint.origin_sic_name destination.* destination.bytes destination.ip event.action event.category event.id
  event.outcome event.type file.hash.md5 file.hash.sha1 file.hash.sha256 file.name firewall.action firewall.blocked
  http.request.method network.* network.application network.bytes network.direction network.iana_number network.name
  network.packets network.transport observer.*.interface.name observer.egress.zone observer.ingress.zone
  observer.name observer.product observer.type observer.vendor related.hosts related.ip related.user rule.name
  rule.uuid source.* source.bytes source.domain source.ip source.user.group.name source.user.name url.domain
  url.original url.path url.port url.query url.scheme user.domain user.effective.name user.name user.target.name
  user_agent.name user_agent.original
cisco_asa.log: *.address *.assigned_ip *.connection_id *.domain *.hit_count *.icmp_code *.icmp_type *.mac *.nat.ip
  *.nat.port *.port *.privilege *.rule_name *.session_type *.source_interface *.tcp_flags cisco.*
  cisco.ftd.security.* cisco_asa.log cisco_ftd.log destination.* destination.bytes destination.ip
  destination.packets destination.user.name dns.question.name event.action event.category event.code event.duration
  event.outcome event.reason event.severity event.type file.hash.sha256 file.name file.path firewall.action
  firewall.blocked network.* network.application network.bytes network.direction network.iana_number
  network.protocol network.transport observer.*.interface.name observer.egress.interface.name observer.egress.zone
  observer.ingress.interface.name observer.ingress.zone observer.name observer.product observer.type observer.vendor
  process.command_line related.hosts related.ip related.user rule.name source.* source.bytes source.ip
  source.packets source.user.group.name source.user.name url.domain url.original url.path url.port url.query
  url.scheme user.domain user.effective.name user.name user.target.name user_agent.original
cisco_duo.auth: *.address *.domain *.port app.* cisco_duo.auth cisco_duo.auth.* destination.ip destination.port
  dns.question.class dns.question.name dns.question.type event.action event.category event.id event.outcome
  event.reason event.type network.community_id network.transport related.hosts related.ip related.user source.ip
  source.port tls.*.* tls.*.x509.*.common_name tls.version tls.version_protocol url.domain url.extension
  url.fragment url.original url.path url.port url.query url.scheme url.username user.domain user.effective.name
  user.email user.id user.name user.target.name
cisco_ftd.log: *.address *.assigned_ip *.connection_id *.domain *.hit_count *.icmp_code *.icmp_type *.mac *.nat.ip
  *.nat.port *.port *.privilege *.rule_name *.session_type *.source_interface *.tcp_flags cisco.*
  cisco.ftd.security.* cisco_asa.log cisco_ftd.log destination.* destination.bytes destination.ip
  destination.packets destination.user.name dns.question.name event.action event.category event.code event.duration
  event.outcome event.reason event.severity event.type file.hash.sha256 file.name file.path firewall.action
  firewall.blocked network.* network.application network.bytes network.direction network.iana_number
  network.protocol network.transport observer.*.interface.name observer.egress.interface.name observer.egress.zone
  observer.ingress.interface.name observer.ingress.zone observer.name observer.product observer.type observer.vendor
  process.command_line related.hosts related.ip related.user rule.name source.* source.bytes source.ip
  source.packets source.user.group.name source.user.name url.domain url.original url.path url.port url.query
  url.scheme user.domain user.effective.name user.name user.target.name user_agent.original
cisco_ios.log: *.address *.domain *.mac *.nat.ip *.nat.port *.port cisco.ios.access_list cisco.ios.facility
  cisco.ios.interface.name cisco.ios.privilege cisco.ios.session.line cisco_ios.log destination.* destination.ip
  destination.port event.action event.category event.code event.outcome event.provider event.reason event.severity
  event.type firewall.action firewall.blocked network.* network.iana_number network.packets network.transport
  observer.name observer.product observer.type observer.vendor process.command_line related.hosts related.ip
  related.user rule.name source.* source.ip source.user.name url.domain url.original url.path url.port url.query
  url.scheme user.domain user.effective.name user.name user.target.name
coredns.log: *.address *.domain *.port coredns.log coredns.log.buffer_size coredns.log.dnssec_ok
  coredns.log.error.message destination.bytes destination.ip destination.port dns.header_flags dns.id
  dns.question.class dns.question.name dns.question.type dns.response_code dns.type event.action event.category
  event.duration event.outcome event.type log.logger network.bytes network.community_id network.protocol
  network.transport related.hosts related.ip related.user source.bytes source.ip source.port tls.*.*
  tls.*.x509.*.common_name tls.version tls.version_protocol url.domain url.extension url.fragment url.original
  url.path url.port url.query url.scheme url.username user.effective.name user.name user.target.name
dovecot.log: *.address *.domain *.port destination.ip dovecot.attempts dovecot.log dovecot.method dovecot.session
  event.action event.category event.outcome event.type network.protocol related.hosts related.ip related.user
  source.ip user.effective.name user.name user.target.name
fortinet_fortigate.log: *.address *.domain *.mac *.nat.ip *.nat.port *.port destination.* destination.bytes
  destination.ip destination.packets destination.user.email dns.id dns.question.class dns.question.name
  dns.question.type event.action event.category event.code event.duration event.outcome event.reason event.reference
  event.type file.extension file.hash.sha256 file.name file.size firewall.action firewall.blocked fortinet.firewall
  fortinet.firewall.cfgpath fortinet.firewall.subtype fortinet_fortigate.log http.request.method
  http.request.referrer network.* network.application network.direction network.iana_number network.protocol
  network.transport observer.egress.interface.name observer.ingress.interface.name observer.name observer.product
  observer.serial_number observer.type observer.vendor related.hosts related.ip related.user rule.category
  rule.description rule.id rule.name rule.ruleset rule.uuid source.* source.address source.bytes source.ip
  source.packets source.user.email source.user.group.name source.user.name threat.indicator.name tls.server.issuer
  tls.server.x509.subject.common_name url.domain url.original url.path url.port url.query url.scheme user.domain
  user.effective.name user.name user.target.name user_agent.original
gcp.audit: *.address *.domain *.port app.* cloud.project.id cloud.provider destination.ip destination.port
  dns.question.class dns.question.name dns.question.type event.action event.category event.id event.outcome
  event.type gcp.audit gcp.audit.* gcp.audit.resource.type google_workspace.* google_workspace.*.* log.logger
  network.community_id network.transport related.hosts related.ip related.user service.name source.ip source.port
  tls.*.* tls.*.x509.*.common_name tls.version tls.version_protocol url.domain url.extension url.fragment
  url.original url.path url.port url.query url.scheme url.username user.domain user.effective.name user.email
  user.name user.target.name user_agent.original
generic.forward: *.address *.domain *.port app.* destination.ip event.action event.category event.outcome event.type
  fluent.* fluent.tag generic.forward related.hosts related.ip related.user source.ip user.effective.name user.name
  user.target.name
generic.gelf: *.address *.domain *.port app.* destination.ip event.action event.category event.outcome event.type
  gelf.* gelf.level gelf.short_message generic.gelf log.origin.file.line log.origin.file.name related.hosts
  related.ip related.user source.ip user.effective.name user.name user.target.name
generic.json: *.address *.domain *.port app.* app.result destination.ip destination.port event.action event.category
  event.outcome event.type related.hosts related.ip related.user service.name source.ip source.mac source.port
  url.original user.effective.name user.name user.target.name user_agent.original
generic.logfmt: *.address *.domain *.port destination.ip event.action event.category event.outcome event.type
  generic.logfmt logfmt.* related.hosts related.ip related.user source.ip user.effective.name user.name
  user.target.name
generic.otlp: *.address *.domain *.port app.* client.address client.port cloud.platform cloud.service.name
  code.column.number code.file.path code.filepath code.function code.function.name code.line.number code.lineno
  container.image.tag container.image.tags deployment.environment deployment.environment.name destination.address
  destination.ip enduser.id error.stack_trace error.type event.action event.category event.id event.name
  event.outcome event.severity event.type exception.message exception.stacktrace exception.type faas.id
  faas.instance generic.otlp host.arch host.architecture host.os.full host.os.kernel host.os.name host.os.type
  host.os.version http.client_ip http.method http.request.body.bytes http.request.body.size http.request.method
  http.response.body.bytes http.response.body.size http.response.status_code http.status_code http.target http.url
  http.user_agent k8s.cluster.name k8s.container.name k8s.daemonset.name k8s.deployment.name k8s.namespace.name
  k8s.node.name k8s.pod.name k8s.pod.uid k8s.statefulset.name kubernetes.container.name kubernetes.daemonset.name
  kubernetes.deployment.name kubernetes.namespace kubernetes.node.name kubernetes.pod.name kubernetes.pod.uid
  kubernetes.statefulset.name log.logger log.origin.file.column log.origin.file.line log.origin.file.name
  log.origin.function log.record.uid network.protocol network.protocol.name orchestrator.cluster.name os.build_id
  os.description os.name os.type os.version otel.dropped_attributes_count otel.scope otel.scope.version process.args
  process.command_args process.executable process.executable.name process.executable.path process.owner
  process.parent.pid process.parent_pid process.thread.id process.thread.name process.user.name related.hosts
  related.ip related.user service.environment service.instance.id service.name service.node.name source.address
  source.ip source.port span.id syslog.facility.code syslog.msg.id syslog.procid syslog.severity.code thread.id
  thread.name trace.id url.full url.original user.effective.name user.id user.name user.target.name
  user_agent.original
github.audit: *.address *.domain *.port app.* destination.ip destination.port dns.question.class dns.question.name
  dns.question.type event.action event.category event.id event.outcome event.type github.* github.audit
  github.category network.community_id network.transport related.hosts related.ip related.user source.ip source.port
  tls.*.* tls.*.x509.*.common_name tls.version tls.version_protocol url.domain url.extension url.fragment
  url.original url.path url.port url.query url.scheme url.username user.domain user.effective.name user.email
  user.name user.target.name user_agent.original
google_workspace.*: *.address *.domain *.port app.* cloud.project.id cloud.provider destination.ip destination.port
  dns.question.class dns.question.name dns.question.type event.action event.category event.id event.outcome
  event.type gcp.audit gcp.audit.* gcp.audit.resource.type google_workspace.* google_workspace.*.* log.logger
  network.community_id network.transport related.hosts related.ip related.user service.name source.ip source.port
  tls.*.* tls.*.x509.*.common_name tls.version tls.version_protocol url.domain url.extension url.fragment
  url.original url.path url.port url.query url.scheme url.username user.domain user.effective.name user.email
  user.name user.target.name user_agent.original
haproxy.log: *.address *.domain *.port destination.domain destination.ip destination.port dns.question.class
  dns.question.name dns.question.type event.action event.category event.duration event.outcome event.type
  haproxy.backend_name haproxy.backend_queue haproxy.bind_name haproxy.bytes_read haproxy.connection_wait_time_ms
  haproxy.connections.* haproxy.frontend_name haproxy.http.request.raw_request_line
  haproxy.http.request.time_wait_ms haproxy.http.request.time_wait_without_data_ms haproxy.log haproxy.mode
  haproxy.server_name haproxy.server_queue haproxy.source haproxy.termination_state haproxy.total_waiting_time_ms
  http.request.method http.request.referrer http.response.body.bytes http.response.bytes http.response.status_code
  http.version network.community_id network.transport related.hosts related.ip related.user source.bytes source.ip
  source.port tls.*.* tls.*.x509.*.common_name tls.cipher tls.client.server_name tls.version tls.version_protocol
  url.domain url.extension url.fragment url.original url.path url.port url.query url.scheme url.username
  user.effective.name user.name user.target.name user_agent.original
iis.*: *.address *.domain *.port destination.domain destination.ip destination.port dns.question.class
  dns.question.name dns.question.type event.action event.category event.duration event.outcome event.type
  http.request.body.bytes http.request.method http.request.referrer http.response.body.bytes
  http.response.status_code http.version iis.* iis.access.cookie iis.access.server_name iis.access.site_name
  iis.access.sub_status iis.access.win32_status iis.error.queue_name iis.error.reason_phrase network.community_id
  network.forwarded_ip network.transport related.hosts related.ip related.user source.ip source.port tls.*.*
  tls.*.x509.*.common_name tls.version tls.version_protocol url.domain url.extension url.fragment url.original
  url.path url.port url.query url.scheme url.username user.effective.name user.name user.target.name
  user_agent.original
iptables.log: *.address *.domain *.mac *.nat.ip *.nat.port *.port destination.* destination.ip event.action
  event.category event.outcome event.type firewall.action firewall.blocked iptables.icmp.code iptables.icmp.type
  iptables.id iptables.input_device iptables.length iptables.log iptables.output_device iptables.tcp.flags
  iptables.tcp.window iptables.ttl network.* network.direction network.iana_number network.transport network.type
  observer.egress.interface.name observer.ingress.interface.name observer.name observer.product observer.type
  observer.vendor related.hosts related.ip related.user rule.id rule.name source.* source.ip source.user.name
  url.domain url.original url.path url.port url.query url.scheme user.domain user.effective.name user.id user.name
  user.target.name
juniper_srx.log: *.address *.domain *.mac *.nat.ip *.nat.port *.port destination.* destination.bytes destination.ip
  destination.packets event.action event.category event.duration event.outcome event.type file.name firewall.action
  firewall.blocked juniper.srx juniper.srx.process juniper.srx.session_id juniper.srx.tag juniper_srx.log network.*
  network.application network.iana_number network.protocol network.transport observer.egress.interface.name
  observer.egress.zone observer.ingress.interface.name observer.ingress.zone observer.name observer.product
  observer.type observer.vendor related.hosts related.ip related.user rule.name source.* source.bytes source.ip
  source.packets source.user.name threat.indicator.name url.domain url.original url.path url.port url.query
  url.scheme user.domain user.effective.name user.name user.target.name
kubernetes.audit_logs: *.address *.domain *.port app.* destination.ip destination.port dns.question.class
  dns.question.name dns.question.type event.action event.category event.id event.outcome event.type
  http.response.status_code kubernetes.audit.* kubernetes.audit.capabilities kubernetes.audit.hostPath
  kubernetes.audit.privileged kubernetes.audit_logs network.community_id network.transport orchestrator.namespace
  orchestrator.resource.name orchestrator.resource.type related.hosts related.ip related.user source.ip source.port
  tls.*.* tls.*.x509.*.common_name tls.version tls.version_protocol url.domain url.extension url.fragment
  url.original url.path url.port url.query url.scheme url.username user.effective.name user.id user.name
  user.target.name user_agent.original
leef.log: *.address *.domain *.mac *.nat.ip *.nat.port *.port destination.* destination.bytes destination.ip
  destination.packets event.action event.category event.code event.outcome event.severity event.type firewall.action
  firewall.blocked leef.attributes.* leef.log leef.version network.* network.iana_number network.transport
  observer.hostname observer.name observer.product observer.type observer.vendor observer.version related.hosts
  related.ip related.user rule.name source.* source.bytes source.ip source.packets source.user.name url.domain
  url.original url.path url.port url.query url.scheme user.domain user.effective.name user.name user.target.name
microsoft_sqlserver.log: *.address *.domain *.port destination.ip event.action event.category event.code
  event.outcome event.severity event.type microsoft_sqlserver.log microsoft_sqlserver.log.origin
  microsoft_sqlserver.log.state related.hosts related.ip related.user source.ip user.domain user.effective.name
  user.name user.target.name
mikrotik.log: *.address *.domain *.mac *.nat.ip *.nat.port *.port destination.* destination.ip event.action
  event.category event.outcome event.type firewall.action firewall.blocked mikrotik.log
  mikrotik.log.connection_state mikrotik.log.flags mikrotik.log.object mikrotik.topics network.* network.bytes
  network.iana_number network.protocol network.transport observer.egress.interface.name
  observer.ingress.interface.name observer.name observer.product observer.type observer.vendor related.hosts
  related.ip related.user rule.name rule.ruleset source.* source.ip source.user.name url.domain url.original
  url.path url.port url.query url.scheme user.domain user.effective.name user.name user.target.name
modsecurity.auditlog: *.address *.domain *.port destination.domain destination.ip destination.port event.action
  event.category event.outcome event.severity event.type http.request.method http.request.mime_type
  http.request.referrer http.response.body.bytes http.response.status_code http.version modsec.audit.data
  modsec.audit.messages modsec.audit.rule_ids modsec.audit.server modsec.audit.tags modsecurity.auditlog
  related.hosts related.ip related.user rule.category rule.id rule.name rule.ruleset source.ip transaction.id
  url.domain url.extension url.fragment url.original url.path url.query url.scheme user.effective.name user.name
  user.target.name user_agent.original
modsecurity.log: *.address *.domain *.port apache.error apache.error.module destination.domain destination.ip
  destination.port event.action event.category event.code event.outcome event.severity event.type file.path
  http.request.method http.request.referrer http.response.body.bytes http.response.status_code http.version
  modsec.audit.data modsec.audit.messages modsec.audit.rule_ids modsec.audit.tags modsecurity.log nginx.error
  nginx.error.connection_id nginx.error.upstream process.thread.id related.hosts related.ip related.user
  rule.category rule.id rule.name rule.ruleset source.ip transaction.id url.domain url.extension url.fragment
  url.original url.path url.query url.scheme user.effective.name user.name user.target.name user_agent.original
mysql.error: *.address *.domain *.port destination.ip event.action event.category event.code event.duration
  event.outcome event.provider event.type mysql.error mysql.slowlog mysql.slowlog.lock_time.sec mysql.slowlog.query
  mysql.slowlog.rows_examined mysql.slowlog.rows_sent mysql.thread_id related.hosts related.ip related.user
  source.domain source.ip user.effective.name user.name user.target.name
mysql.slowlog: *.address *.domain *.port destination.ip event.action event.category event.code event.duration
  event.outcome event.provider event.type mysql.error mysql.slowlog mysql.slowlog.lock_time.sec mysql.slowlog.query
  mysql.slowlog.rows_examined mysql.slowlog.rows_sent mysql.thread_id related.hosts related.ip related.user
  source.domain source.ip user.effective.name user.name user.target.name
mysql_enterprise.audit: *.address *.domain *.port app.* destination.ip event.action event.category event.outcome
  event.type mysql_enterprise.audit mysqlenterprise.audit.* related.hosts related.ip related.user source.ip
  user.effective.name user.name user.target.name
nginx.access: *.address *.domain *.port destination.domain destination.ip destination.port event.action
  event.category event.outcome event.type http.request.method http.request.referrer http.response.body.bytes
  http.response.status_code http.version nginx.access nginx.access.remote_ip_list related.hosts related.ip
  related.user source.ip url.domain url.extension url.fragment url.original url.path url.query url.scheme
  user.effective.name user.name user.target.name user_agent.original
nginx.error: *.address *.domain *.port destination.domain destination.ip destination.port event.action
  event.category event.outcome event.type http.request.method http.request.referrer http.response.body.bytes
  http.response.status_code http.version nginx.error nginx.error.connection_id nginx.error.upstream
  process.thread.id related.hosts related.ip related.user source.ip url.domain url.extension url.fragment
  url.original url.path url.query url.scheme user.effective.name user.name user.target.name user_agent.original
o365.audit: *.address *.domain *.port app.* destination.ip destination.port dns.question.class dns.question.name
  dns.question.type event.action event.category event.code event.id event.outcome event.provider event.type
  network.community_id network.transport o365.audit o365.audit.* organization.id related.hosts related.ip
  related.user source.ip source.port tls.*.* tls.*.x509.*.common_name tls.version tls.version_protocol url.domain
  url.extension url.fragment url.original url.path url.port url.query url.scheme url.username user.domain
  user.effective.name user.email user.id user.name user.target.name user_agent.original
okta.system: *.address *.domain *.port app.* destination.ip destination.port dns.question.class dns.question.name
  dns.question.type event.action event.category event.id event.outcome event.type network.community_id
  network.transport okta.* okta.system related.hosts related.ip related.user source.ip source.port tls.*.*
  tls.*.x509.*.common_name tls.version tls.version_protocol url.domain url.extension url.fragment url.original
  url.path url.port url.query url.scheme url.username user.domain user.effective.name user.email user.full_name
  user.id user.name user.target.full_name user.target.name user_agent.original
onelogin.events: *.address *.domain *.port app.* destination.ip destination.port dns.question.class
  dns.question.name dns.question.type event.action event.category event.code event.id event.outcome event.type
  network.community_id network.transport onelogin.* onelogin.events related.hosts related.ip related.user source.ip
  source.port tls.*.* tls.*.x509.*.common_name tls.version tls.version_protocol url.domain url.extension
  url.fragment url.original url.path url.port url.query url.scheme url.username user.domain user.effective.name
  user.email user.name user.target.name
opencanary.log: *.address *.domain *.port app.* destination.ip destination.port dns.question.class dns.question.name
  dns.question.type event.action event.category event.code event.outcome event.type network.community_id
  network.transport observer.name opencanary.* opencanary.log related.hosts related.ip related.user source.ip
  source.port tls.*.* tls.*.x509.*.common_name tls.version tls.version_protocol url.domain url.extension
  url.fragment url.original url.path url.port url.query url.scheme url.username user.domain user.effective.name
  user.email user.name user.target.name user_agent.original
panw.panos: *.address *.domain *.mac *.nat.ip *.nat.port *.port destination.* destination.bytes destination.ip
  destination.packets destination.user.name event.action event.category event.code event.duration event.outcome
  event.reason event.severity event.type file.hash.sha256 file.name firewall.action firewall.blocked host.id
  http.request.method http.request.referrer network.* network.application network.bytes network.direction
  network.iana_number network.packets network.transport observer.egress.interface.name observer.egress.zone
  observer.hostname observer.ingress.interface.name observer.ingress.zone observer.name observer.product
  observer.serial_number observer.type observer.vendor panw.panos panw.panos.* panw.panos.config.path
  panw.panos.sub_type panw.panos.threat.id panw.panos.threat.name panw.panos.type related.hosts related.ip
  related.user rule.name source.* source.bytes source.ip source.packets source.user.name url.domain url.original
  url.path url.port url.query url.scheme user.domain user.effective.name user.name user.target.name
  user_agent.original
pfsense.log: *.address *.domain *.mac *.nat.ip *.nat.port *.port destination.* destination.ip event.action
  event.category event.outcome event.provider event.reason event.type firewall.action firewall.blocked network.*
  network.bytes network.direction network.iana_number network.transport network.type network.vlan.id
  observer.ingress.interface.name observer.name observer.product observer.type observer.vendor pfsense.icmp.type
  pfsense.ip.tos pfsense.ip.ttl pfsense.log pfsense.tcp.flags pfsense.tcp.length pfsense.tcp.window
  pfsense.udp.length related.hosts related.ip related.user rule.id source.* source.ip source.user.name url.domain
  url.original url.path url.port url.query url.scheme user.domain user.effective.name user.name user.target.name
postfix.log: *.address *.domain *.port destination.ip email.from.address email.message_id email.to.address
  event.action event.category event.outcome event.type postfix.helo postfix.log postfix.queue_id postfix.relay
  postfix.reply_code postfix.sasl_method related.hosts related.ip related.user source.domain source.ip
  user.effective.name user.name user.target.name
postgresql.log: *.address *.domain *.port destination.ip event.action event.category event.duration event.outcome
  event.type postgresql.log postgresql.log.application_name postgresql.log.backend_type postgresql.log.client_addr
  postgresql.log.client_port postgresql.log.command_tag postgresql.log.database postgresql.log.detail
  postgresql.log.hint postgresql.log.query postgresql.log.query_name postgresql.log.query_step
  postgresql.log.session_id postgresql.log.session_line_number postgresql.log.sql_state_code
  postgresql.log.virtual_transaction_id related.hosts related.ip related.user source.ip user.effective.name
  user.name user.target.name
snort.log: *.address *.domain *.port destination.ip destination.port dns.question.class dns.question.name
  dns.question.type event.action event.category event.outcome event.severity event.type network.community_id
  network.transport related.hosts related.ip related.user rule.category rule.description rule.id rule.name
  rule.version snort.gid snort.log source.ip source.port tls.*.* tls.*.x509.*.common_name tls.version
  tls.version_protocol url.domain url.extension url.fragment url.original url.path url.port url.query url.scheme
  url.username user.effective.name user.name user.target.name
soc.health: event.action soc.health soc.health.* soc.health.episode soc.health.kind soc.health.state
sophos.xg: *.address *.domain *.mac *.nat.ip *.nat.port *.port destination.* destination.bytes destination.ip
  destination.packets destination.user.email event.action event.category event.code event.duration event.outcome
  event.reason event.severity event.type file.hash.sha1 file.hash.sha256 file.name file.size firewall.action
  firewall.blocked network.* network.iana_number network.protocol network.transport observer.egress.interface.name
  observer.egress.zone observer.ingress.interface.name observer.ingress.zone observer.name observer.product
  observer.serial_number observer.type observer.vendor related.hosts related.ip related.user rule.id rule.name
  rule.ruleset sophos.xg sophos.xg.log_component source.* source.bytes source.ip source.packets source.user.email
  source.user.group.name source.user.name threat.indicator.name url.domain url.original url.path url.port url.query
  url.scheme user.domain user.effective.name user.name user.target.name user_agent.original
squid.access: *.address *.domain *.port destination.domain destination.ip destination.port dns.question.class
  dns.question.name dns.question.type event.action event.category event.duration event.outcome event.type
  http.request.method http.request.referrer http.response.body.bytes http.response.bytes http.response.mime_type
  http.response.status_code http.version network.community_id network.transport related.hosts related.ip
  related.user source.ip source.port squid.access squid.access.hierarchy squid.access.result squid.log tls.*.*
  tls.*.x509.*.common_name tls.version tls.version_protocol url.domain url.extension url.fragment url.original
  url.path url.port url.query url.scheme url.username user.effective.name user.name user.target.name
  user_agent.original
squid.log: *.address *.domain *.port destination.domain destination.ip destination.port dns.question.class
  dns.question.name dns.question.type event.action event.category event.duration event.outcome event.type
  http.request.method http.request.referrer http.response.body.bytes http.response.bytes http.response.mime_type
  http.response.status_code http.version network.community_id network.transport related.hosts related.ip
  related.user source.ip source.port squid.access squid.access.hierarchy squid.access.result squid.log tls.*.*
  tls.*.x509.*.common_name tls.version tls.version_protocol url.domain url.extension url.fragment url.original
  url.path url.port url.query url.scheme url.username user.effective.name user.name user.target.name
  user_agent.original
suricata.eve: *.address *.domain *.port app.* destination.bytes destination.domain destination.ip
  destination.packets destination.port dns.answers dns.header_flags dns.id dns.question.class dns.question.name
  dns.question.type dns.resolved_ip dns.response_code dns.type event.action event.category event.duration event.end
  event.outcome event.severity event.start event.type file.hash.* file.path file.size http.request.method
  http.request.referrer http.response.body.bytes http.response.mime_type http.response.status_code http.version
  network.* network.community_id network.protocol network.transport observer.hostname
  observer.ingress.interface.name related.hash related.hosts related.ip related.user rule.category rule.id rule.name
  rule.version source.bytes source.ip source.packets source.port suricata.eve suricata.eve.* threat.tactic.id
  threat.technique.id tls.*.* tls.*.x509.*.common_name tls.client.ja3 tls.client.server_name tls.resumed
  tls.server.* tls.server.hash.sha1 tls.server.ja3s tls.server.x509.serial_number tls.version tls.version_protocol
  url.domain url.extension url.fragment url.original url.path url.port url.query url.scheme url.username
  user.effective.name user.name user.target.name user_agent.original
system.auth: *.address *.domain *.port destination.ip event.action event.category event.outcome event.provider
  event.reason event.type group.id group.name process.command_line process.working_directory related.hosts
  related.ip related.user service.name source.ip system.auth.pam.by system.auth.pam.service system.auth.pam.tty
  system.auth.pam.type system.auth.session.id system.auth.ssh.event system.auth.ssh.invalid_user
  system.auth.ssh.method system.auth.ssh.signature system.auth.su.tty system.auth.sudo.* system.auth.sudo.command
  system.auth.sudo.error system.auth.sudo.pwd system.auth.sudo.tty system.auth.sudo.user system.auth.useradd.home
  system.auth.useradd.shell system.auth.usermod.field user.effective.name user.id user.name user.target.name
system.syslog: *.address *.domain *.port destination.ip event.action event.category event.outcome event.type
  process.command_line related.hosts related.ip related.user service.name source.ip system.auth.session.id
  user.effective.name user.name user.target.name
tomcat.access: *.address *.domain *.port destination.domain destination.ip destination.port event.action
  event.category event.duration event.outcome event.type http.request.method http.request.referrer
  http.response.body.bytes http.response.status_code http.version related.hosts related.ip related.user source.ip
  tomcat.access tomcat.access.rest url.domain url.extension url.fragment url.original url.path url.query url.scheme
  user.effective.name user.name user.target.name user_agent.original
vsphere.log: *.address *.domain *.port destination.ip event.action event.category event.id event.outcome event.type
  related.hosts related.ip related.user source.ip user.domain user.effective.name user.name user.target.name
  vsphere.log
windows.*: *.address *.domain *.executable *.hash.* *.name *.pe.imphash *.port destination.address destination.ip
  destination.port dll.code_signature.signed dll.code_signature.status dll.code_signature.subject_name dll.name
  dll.path dns.question.name dns.resolved_ip event.action event.category event.code event.outcome event.provider
  event.type file.directory file.extension file.name file.path group.domain group.id group.name host.os.type
  network.direction network.protocol network.transport network.type powershell.file.script_block_id
  powershell.file.script_block_text process.command_line process.entity_id process.parent
  process.parent.command_line process.parent.entity_id process.parent.pid process.pe.company process.pe.description
  process.pe.file_version process.pe.original_file_name process.pe.product process.working_directory
  registry.data.strings registry.data.type registry.hive registry.key registry.path registry.value related.hosts
  related.ip related.user rule.name service.name source.address source.domain source.ip source.port
  sysmon.dns.status user.changes.name user.domain user.effective.domain user.effective.id user.effective.name
  user.id user.name user.target.domain user.target.group.domain user.target.group.id user.target.group.name
  user.target.id user.target.name windows.* winlog.* winlog.activity_id winlog.channel winlog.computer_name
  winlog.event_id winlog.event_type winlog.keywords winlog.level winlog.logon.failure.reason
  winlog.logon.failure.status winlog.logon.failure.sub_status winlog.logon.id winlog.logon.type winlog.opcode
  winlog.outcome winlog.process.pid winlog.process.thread.id winlog.provider_guid winlog.provider_name
  winlog.record_id winlog.service.image_path winlog.task winlog.user.domain winlog.user.identifier winlog.version
zeek.*: *.address *.domain *.port app.* bound.host certificate.issuer certificate.serial certificate.subject
  client.ip destination.* destination.domain destination.ip destination.port dns.answers dns.header_flags dns.id
  dns.question.class dns.question.name dns.question.type dns.resolved_ip dns.response_code dns.type
  email.from.address email.subject email.to.address event.action event.category event.duration event.id
  event.outcome event.type file.hash.* file.mime_type file.name file.path file.size
  file.x509.issuer.distinguished_name file.x509.serial_number file.x509.subject.distinguished_name
  http.request.body.bytes http.request.method http.request.referrer http.response.body.bytes http.response.mime_type
  http.response.status_code http.version id.orig_h id.orig_p id.resp_h id.resp_p network.* network.community_id
  network.direction network.protocol network.transport related.hash related.hosts related.ip related.user
  rule.description rule.name server.ip source.* source.ip source.port tls.* tls.*.* tls.*.x509.*.common_name
  tls.cipher tls.client.ja3 tls.client.server_name tls.curve tls.established tls.server.ja3s tls.version
  tls.version_protocol url.domain url.extension url.fragment url.full url.original url.path url.port url.query
  url.scheme url.username user.domain user.effective.name user.name user.target.name user_agent.original zeek.*
  zeek.*.* zeek.session_id
`
