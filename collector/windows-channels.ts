/** Action, categories, types and, where the event itself says so, the outcome. */
type Row = readonly [action: string, category: string, type: string, outcome?: 'success' | 'failure']

/**
 * Channels beside Security, Sysmon and PowerShell: event id → what it is about (Microsoft Learn, per provider). What is not here keeps its
 * code and data, and has no category.
 */
export const CHANNEL_EVENTS: { readonly [channel: string]: { readonly [code: string]: Row } } = {
  system: {
    41: ['system-rebooted-without-shutdown', 'host', 'error'],
    104: ['event-log-cleared', 'iam', 'admin,change', 'success'],
    1074: ['system-shutdown-requested', 'host', 'end'],
    6005: ['event-log-started', 'host', 'start'],
    6006: ['event-log-stopped', 'host', 'end'],
    6008: ['system-shutdown-unexpected', 'host', 'error'],
    7034: ['service-terminated', 'configuration', 'end', 'failure'],
    7036: ['service-changed', 'configuration', 'change'],
    7040: ['service-changed', 'configuration', 'change'],
    7045: ['service-installed', 'configuration', 'creation', 'success'],
  },
  application: {
    1000: ['application-crashed', 'process', 'end', 'failure'],
    1002: ['application-hung', 'process', 'error', 'failure'],
    1033: ['package-installed', 'package', 'installation'],
    1034: ['package-removed', 'package', 'deletion'],
    11707: ['package-installed', 'package', 'installation', 'success'],
    11708: ['package-installed', 'package', 'installation', 'failure'],
    11724: ['package-removed', 'package', 'deletion', 'success'],
  },
  'microsoft-windows-windows defender/operational': {
    1006: ['malware-detected', 'malware', 'info'],
    1007: ['malware-quarantined', 'malware', 'info'],
    1008: ['malware-action-failed', 'malware', 'info', 'failure'],
    1015: ['suspicious-behaviour-detected', 'malware', 'info'],
    1116: ['malware-detected', 'malware', 'info'],
    1117: ['malware-quarantined', 'malware', 'info'],
    1118: ['malware-action-failed', 'malware', 'info', 'failure'],
    1119: ['malware-action-failed', 'malware', 'info', 'failure'],
    1121: ['attack-surface-rule-blocked', 'intrusion_detection', 'denied'],
    1122: ['attack-surface-rule-audited', 'intrusion_detection', 'info'],
    5001: ['antivirus-protection-disabled', 'configuration', 'change'],
    5004: ['antivirus-configuration-changed', 'configuration', 'change'],
    5007: ['antivirus-configuration-changed', 'configuration', 'change'],
    5010: ['antivirus-protection-disabled', 'configuration', 'change'],
    5012: ['antivirus-protection-disabled', 'configuration', 'change'],
    5013: ['tamper-protection-blocked', 'configuration', 'denied'],
  },
  'microsoft-windows-taskscheduler/operational': {
    106: ['scheduled-task-created', 'iam,configuration', 'creation,admin'],
    140: ['scheduled-task-updated', 'iam,configuration', 'change,admin'],
    141: ['scheduled-task-deleted', 'iam,configuration', 'deletion,admin'],
    200: ['scheduled-task-started', 'process', 'start'],
    201: ['scheduled-task-completed', 'process', 'end'],
  },
  'microsoft-windows-terminalservices-localsessionmanager/operational': {
    21: ['logged-in', 'authentication,session', 'start', 'success'],
    23: ['logged-out', 'authentication,session', 'end', 'success'],
    24: ['session-disconnected', 'authentication,session', 'end', 'success'],
    25: ['session-reconnected', 'authentication,session', 'start', 'success'],
  },
  'microsoft-windows-terminalservices-remoteconnectionmanager/operational': {
    // The connection, before anybody has given a password.
    1149: ['remote-connection-accepted', 'network,session', 'connection,start'],
  },
  'microsoft-windows-windows firewall with advanced security/firewall': {
    2003: ['firewall-profile-changed', 'configuration', 'change'],
    2004: ['firewall-rule-added', 'configuration', 'creation'],
    2005: ['firewall-rule-changed', 'configuration', 'change'],
    2006: ['firewall-rule-deleted', 'configuration', 'deletion'],
    2033: ['firewall-rules-deleted', 'configuration', 'deletion'],
  },
  'microsoft-windows-bits-client/operational': {
    3: ['transfer-job-created', 'network', 'creation'],
    59: ['transfer-started', 'network', 'connection,start'],
    60: ['transfer-stopped', 'network', 'connection,end'],
  },
  'microsoft-windows-wmi-activity/operational': {
    5857: ['wmi-provider-started', 'process', 'start'],
    5860: ['wmi-subscription-added', 'configuration', 'creation'],
    5861: ['wmi-subscription-added', 'configuration', 'creation'],
  },
  'microsoft-windows-dns-client/operational': {
    3006: ['dns-query', 'network', 'protocol,start'],
    3008: ['dns-query', 'network', 'protocol,end'],
  },
  'microsoft-windows-ntlm/operational': {
    8001: ['ntlm-authentication-audited', 'authentication', 'info'],
    8002: ['ntlm-authentication-audited', 'authentication', 'info'],
    8003: ['ntlm-authentication-audited', 'authentication', 'info'],
    8004: ['ntlm-authentication-audited', 'authentication', 'info'],
  },
}
