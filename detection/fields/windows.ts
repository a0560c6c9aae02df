/**
 * Names of the data that events of Windows carry, where the event has a fixed template: by channel and event id. From the
 * schema that `Sysmon64.exe -s` prints (4.90), and the manifest of Microsoft-Windows-Security-Auditing.
 */
export const EVENT_DATA: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'microsoft-windows-sysmon/operational': {
    1: 'RuleName UtcTime ProcessGuid ProcessId Image FileVersion Description Product Company OriginalFileName CommandLine CurrentDirectory User LogonGuid LogonId TerminalSessionId IntegrityLevel Hashes ParentProcessGuid ParentProcessId ParentImage ParentCommandLine ParentUser',
    2: 'RuleName UtcTime ProcessGuid ProcessId Image TargetFilename CreationUtcTime PreviousCreationUtcTime User',
    3: 'RuleName UtcTime ProcessGuid ProcessId Image User Protocol Initiated SourceIsIpv6 SourceIp SourceHostname SourcePort SourcePortName DestinationIsIpv6 DestinationIp DestinationHostname DestinationPort DestinationPortName',
    5: 'RuleName UtcTime ProcessGuid ProcessId Image User',
    6: 'RuleName UtcTime ImageLoaded Hashes Signed Signature SignatureStatus',
    7: 'RuleName UtcTime ProcessGuid ProcessId Image ImageLoaded FileVersion Description Product Company OriginalFileName Hashes Signed Signature SignatureStatus User',
    8: 'RuleName UtcTime SourceProcessGuid SourceProcessId SourceImage TargetProcessGuid TargetProcessId TargetImage NewThreadId StartAddress StartModule StartFunction SourceUser TargetUser',
    9: 'RuleName UtcTime ProcessGuid ProcessId Image Device User',
    10: 'RuleName UtcTime SourceProcessGUID SourceProcessId SourceThreadId SourceImage TargetProcessGUID TargetProcessId TargetImage GrantedAccess CallTrace SourceUser TargetUser',
    11: 'RuleName UtcTime ProcessGuid ProcessId Image TargetFilename CreationUtcTime User',
    12: 'RuleName EventType UtcTime ProcessGuid ProcessId Image TargetObject User',
    13: 'RuleName EventType UtcTime ProcessGuid ProcessId Image TargetObject Details User',
    14: 'RuleName EventType UtcTime ProcessGuid ProcessId Image TargetObject NewName User',
    15: 'RuleName UtcTime ProcessGuid ProcessId Image TargetFilename CreationUtcTime Hash Contents User',
    17: 'RuleName EventType UtcTime ProcessGuid ProcessId PipeName Image User',
    18: 'RuleName EventType UtcTime ProcessGuid ProcessId PipeName Image User',
    22: 'RuleName UtcTime ProcessGuid ProcessId QueryName QueryStatus QueryResults Image User',
    23: 'RuleName UtcTime ProcessGuid ProcessId User Image TargetFilename Hashes IsExecutable Archived',
    25: 'RuleName UtcTime ProcessGuid ProcessId Image Type User',
    26: 'RuleName UtcTime ProcessGuid ProcessId User Image TargetFilename Hashes IsExecutable',
    27: 'RuleName UtcTime ProcessGuid ProcessId User Image TargetFilename Hashes',
    28: 'RuleName UtcTime ProcessGuid ProcessId User Image TargetFilename Hashes IsExecutable',
    29: 'RuleName UtcTime ProcessGuid ProcessId User Image TargetFilename Hashes',
  },
  security: {
    4688: 'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId NewProcessId NewProcessName TokenElevationType ProcessId CommandLine TargetUserSid TargetUserName TargetDomainName TargetLogonId ParentProcessName MandatoryLabel',
  },
}
