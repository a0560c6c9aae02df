import type { Names } from '../model/registry.ts'

export const LANGUAGES = ['vi', 'en'] as const
export type Language = (typeof LANGUAGES)[number]

/** What mails and reports say, `[vi, en]`; `{name}` is filled in. The console has its own. */
const WORDS = {
  'kind.host': ['máy', 'host'],
  'kind.user': ['tài khoản', 'account'],
  'kind.ip': ['địa chỉ', 'address'],
  'kind.url': ['liên kết', 'link'],
  'kind.email': ['thư điện tử', 'mail address'],
  'kind.sha256': ['SHA-256', 'SHA-256'],
  'kind.sha1': ['SHA-1', 'SHA-1'],
  'kind.md5': ['MD5', 'MD5'],
  'level.informational': ['Thông tin', 'Informational'],
  'level.low': ['Thấp', 'Low'],
  'level.medium': ['Trung bình', 'Medium'],
  'level.high': ['Cao', 'High'],
  'level.critical': ['Nghiêm trọng', 'Critical'],
  'state.new': ['Mới', 'New'],
  'state.in_progress': ['Đang xử lý', 'In progress'],
  'state.on_hold': ['Tạm dừng', 'On hold'],
  'state.resolved': ['Đã xử lý', 'Resolved'],
  'state.closed': ['Đã đóng', 'Closed'],
  'verdict.true_positive': ['Tấn công thật', 'Real attack'],
  'verdict.benign_positive': ['Đúng nhưng vô hại', 'True but harmless'],
  'verdict.false_positive': ['Báo nhầm', 'False alarm'],
  'verdict.inconclusive': ['Không đủ căn cứ', 'Inconclusive'],
  'verdict.duplicate': ['Trùng lặp', 'Duplicate'],
  'history.incident_opened': ['Mở sự cố: {title}', 'Opened: {title}'],
  'history.incident_reopened': ['Mở lại', 'Opened again'],
  'history.incident_changed': ['Thay đổi', 'Changed'],
  'history.rule_joined': ['Thêm luật: {title}', 'Rule joined: {title}'],
  'history.priority_raised': ['Nâng ưu tiên vì {title}', 'Priority raised because of {title}'],
  'history.alert_withdrawn': ['Rút cảnh báo: {title}', 'Alert withdrawn: {title}'],
  'history.comment_added': ['Thêm ghi chú', 'Commented'],
  'history.incident_merged': ['Gộp vào sự cố #{targetNumber}', 'Merged into incident #{targetNumber}'],
  'history.incident_absorbed': [
    'Nhận {alerts} cảnh báo của sự cố #{sourceNumber}',
    'Took in {alerts} alerts of incident #{sourceNumber}',
  ],
  'history.incident_unmerged': ['Tách lại khỏi sự cố #{targetNumber}', 'Unmerged from incident #{targetNumber}'],
  'history.incident_given_back': [
    'Trả {alerts} cảnh báo cho sự cố #{sourceNumber}',
    'Gave {alerts} alerts back to incident #{sourceNumber}',
  ],
  'history.incident_split': [
    'Tách {alerts} cảnh báo sang sự cố #{targetNumber}',
    'Split {alerts} alerts off into incident #{targetNumber}',
  ],
  'history.incident_split_off': ['Tách ra từ sự cố #{sourceNumber}', 'Split off from incident #{sourceNumber}'],
  'history.watcher_added': ['{name} theo dõi sự cố', '{name} watches it'],
  'history.watcher_removed': ['{name} thôi theo dõi', '{name} watches it no longer'],
  'history.task_added': ['Thêm việc: {title}', 'Task added: {title}'],
  'history.task_done': ['Xong việc: {title}', 'Task done: {title}'],
  'history.task_reopened': ['Việc chưa xong: {title}', 'Task not done after all: {title}'],
  'history.incident_linked': ['Liên kết với sự cố khác', 'Linked with another incident'],
  'history.incident_unlinked': ['Bỏ liên kết', 'Link taken away'],
  'history.attachment_added': ['Thêm tệp {name}', 'File added: {name}'],
  'history.legal_changed': ['Trả lời câu hỏi pháp lý', 'Legal questions answered'],
  'history.deadline_warning': ['Sắp hết hạn: {title} (hạn {dueAt})', 'Runs out soon: {title} (due {dueAt})'],
  'history.deadline_missed': ['QUÁ HẠN: {title} (hạn {dueAt})', 'OVERDUE: {title} (due {dueAt})'],
  'history.clock_warning': [
    'Sắp quá giờ cam kết {title} (hạn {dueAt})',
    'Promised time to {title} runs out (due {dueAt})',
  ],
  'history.clock_missed': ['QUÁ GIỜ cam kết {title} (hạn {dueAt})', 'Promised time to {title} PASSED (due {dueAt})'],
  'history.rule_over_budget': [
    'Luật {title} vượt hạn mức {perDay} cảnh báo trong ngày {day} ở {agency}: thêm {beyond} cảnh báo',
    'Rule {title} is over its budget of {perDay} alerts on {day} at {agency}: {beyond} more',
  ],
  'history.deadline_reported': ['Đã báo cáo: {title} ({reference})', 'Reported: {title} ({reference})'],
  'history.bulk_undone': ['Hoàn tác thao tác hàng loạt', 'Bulk change undone'],
  'field.state': ['Trạng thái', 'State'],
  'field.verdict': ['Kết luận', 'Verdict'],
  'field.assignee': ['Người xử lý', 'Assignee'],
  'field.level': ['Mức', 'Level'],
  'field.priority': ['Ưu tiên', 'Priority'],
  'mail.one': ['[Vọng Gác] #{number} · {level} · {title}', '[Vọng Gác] #{number} · {level} · {title}'],
  'mail.many': ['[Vọng Gác] {n} sự cố, nặng nhất: {level}', '[Vọng Gác] {n} incidents, the gravest: {level}'],
  'mail.deadline_warning': [
    '[Vọng Gác] SẮP HẾT HẠN {dueAt} · #{number} · {title}',
    '[Vọng Gác] RUNS OUT {dueAt} · #{number} · {title}',
  ],
  'mail.deadline_missed': [
    '[Vọng Gác] QUÁ HẠN {dueAt} · #{number} · {title}',
    '[Vọng Gác] OVERDUE {dueAt} · #{number} · {title}',
  ],
  'mail.clock_warning': [
    '[Vọng Gác] SẮP QUÁ GIỜ CAM KẾT {dueAt} · #{number} · {title}',
    '[Vọng Gác] PROMISED TIME RUNS OUT {dueAt} · #{number} · {title}',
  ],
  'mail.clock_missed': [
    '[Vọng Gác] QUÁ GIỜ CAM KẾT {dueAt} · #{number} · {title}',
    '[Vọng Gác] PROMISED TIME PASSED {dueAt} · #{number} · {title}',
  ],
  'mail.over_budget': ['[Vọng Gác] {n} luật vượt hạn mức cảnh báo', '[Vọng Gác] {n} rules over their budget of alerts'],
  'mail.trial': ['[Vọng Gác] Thư thử', '[Vọng Gác] Trial'],
  'mail.trial_text': [
    'Thông báo của Vọng Gác tới được đây. Không cần làm gì.',
    'Notices of Vọng Gác reach this place. Nothing is to be done.',
  ],
  'mail.agency': ['Cơ quan', 'Agency'],
  'mail.entity': ['Đối tượng', 'About'],
  'mail.alerts': ['Số cảnh báo', 'Alerts'],
  'mail.news': ['Việc mới', 'News'],
  'mail.more': ['… và {n} sự cố nữa', '… and {n} more incidents'],
  'mail.inert': [
    'Tên máy, địa chỉ lấy từ nhật ký, dấu chấm viết trong ngoặc để không bấm nhầm.',
    'Names and addresses come from logs; their dots stand in brackets so that nobody follows them by mistake.',
  ],
  'mail.why': [
    'Bạn nhận thư này theo thiết lập thông báo của mình trên Vọng Gác.',
    'You get this because of your notification settings in Vọng Gác.',
  ],
  yes: ['Có', 'Yes'],
  no: ['Không', 'No'],
  unknown: ['Chưa xác định', 'Not known yet'],
  none: ['—', '—'],
  'duration.days': ['{days} ngày {hours} giờ', '{days} d {hours} h'],
  'duration.hours': ['{hours} giờ {minutes} phút', '{hours} h {minutes} min'],
  'duration.minutes': ['{minutes} phút', '{minutes} min'],
  'clock.detect': ['Thời gian phát hiện', 'Time to detect'],
  'clock.acknowledge': ['Thời gian tiếp nhận', 'Time to acknowledge'],
  'clock.resolve': ['Thời gian xử lý xong', 'Time to resolve'],
  'clock.running': ['Đang tính', 'Running'],
  'clock.paused': ['Tạm dừng', 'Paused'],
  'clock.warning': ['Sắp hết hạn', 'Runs out soon'],
  'clock.overdue': ['QUÁ HẠN', 'OVERDUE'],
  'clock.met': ['Đúng hạn', 'In time'],
  'clock.late': ['Trễ hạn', 'Late'],
  'source.healthy': ['Tốt', 'Healthy'],
  'source.silent': ['Im lặng', 'Silent'],
  'source.fallen': ['Sụt', 'Fallen'],
  'source.drifting': ['Lệch giờ', 'Drifting'],
  'source.learning': ['Đang học', 'Learning'],
  'source.muted': ['Tắt báo', 'Muted'],
  'outcome.evaluated': ['Đã đối chiếu với luật phát hiện', 'Held against the detection rules'],
  'outcome.unrouted': [
    'Đã đối chiếu, không thuộc loại nguồn nào có luật',
    'Held, of no log source that a rule is about',
  ],
  'outcome.failed': ['Lỗi khi đối chiếu', 'Detection itself broke on it'],
  'outcome.dead': ['Không đọc được, giữ nguyên văn', 'Not understood, kept whole'],
  'outcome.repeat': ['Nơi gửi gửi lặp', 'Sent again by its sender'],
  'outcome.dropped': ['Nơi nhận khai mất trước khi ghi', 'Declared lost before the log'],
  'report.title': ['BÁO CÁO', 'REPORT'],
  'report.about': [
    'Sự cố an ninh mạng #{number}: {title} ({agency})',
    'Cybersecurity incident #{number}: {title} ({agency})',
  ],
  'report.recipients': ['Nơi nhận:', 'Recipients:'],
  'report.general': ['THÔNG TIN CHUNG', 'GENERAL'],
  'report.number': ['Số sự cố', 'Incident'],
  'report.system': ['Hệ thống thông tin', 'Information system'],
  'report.system_level': ['{name} (cấp độ {level})', '{name} (level {level})'],
  'report.group': ['Nhóm sự cố', 'Kind'],
  'report.first_event': ['Sự kiện đầu tiên', 'First event'],
  'report.last_event': ['Sự kiện gần nhất', 'Latest event'],
  'report.detected': ['Thời điểm phát hiện (T0)', 'Detected (T0)'],
  'report.serious': ['Sự cố nghiêm trọng', 'Serious'],
  'report.national_security': ['Dấu hiệu ảnh hưởng an ninh quốc gia', 'Signs of harm to national security'],
  'report.personal_data': ['Lộ dữ liệu cá nhân', 'Personal data exposed'],
  'report.course': ['DIỄN BIẾN VÀ PHẠM VI', 'COURSE AND SCOPE'],
  'report.course_text': [
    'Từ {from} đến {to}, hệ thống giám sát ghi nhận {alerts} cảnh báo theo {rules} luật phát hiện liên quan đến đối tượng nêu trên của {agency}. Chi tiết theo luật:',
    'From {from} to {to} the monitoring recorded {alerts} alerts of {rules} detection rules about the above at {agency}. By rule:',
  ],
  'report.no': ['TT', 'No.'],
  'report.rule': ['Luật phát hiện', 'Detection rule'],
  'report.entities': ['Đối tượng xuất hiện', 'Entities'],
  'report.attack': ['Kỹ thuật (MITRE ATT&CK)', 'Techniques (MITRE ATT&CK)'],
  'report.evidence': ['CĂN CỨ', 'EVIDENCE'],
  'report.lines': [
    'Trích {shown} trong {n} dòng nhật ký gốc làm căn cứ (nguyên văn; toàn bộ kèm mã băm nằm trong gói chứng cứ điện tử):',
    '{shown} of {n} raw log lines that it rests on (verbatim; all of them, with hashes, are in the evidence pack):',
  ],
  'report.kind': ['Loại', 'Kind'],
  'report.observable': ['Dấu vết', 'Observable'],
  'report.first': ['Thấy đầu', 'First seen'],
  'report.last': ['Thấy cuối', 'Last seen'],
  'report.file': ['Tệp đính kèm', 'File'],
  'report.bytes': ['Số byte', 'Bytes'],
  'report.handling': ['QUÁ TRÌNH XỬ LÝ', 'HANDLING'],
  'report.task': ['Công việc', 'Task'],
  'report.done': ['Hoàn thành', 'Done'],
  'report.not_done': ['Chưa', 'Not yet'],
  'report.by': ['Người thực hiện', 'By'],
  'report.time': ['Thời gian', 'Time'],
  'report.event': ['Nội dung', 'What happened'],
  'report.deadlines': ['THỜI HẠN', 'DEADLINES'],
  'report.clock': ['Chỉ tiêu', 'Measure'],
  'report.took': ['Thực tế', 'Took'],
  'report.target': ['Cam kết', 'Target'],
  'report.no_deadline': [
    'Theo các câu trả lời đã ghi, chưa có thời hạn báo cáo theo pháp luật nào áp dụng cho sự cố này.',
    'By the answers on record no legal deadline applies to this incident yet.',
  ],
  'report.duty': ['Nghĩa vụ', 'Duty'],
  'report.basis': ['Căn cứ pháp lý', 'Legal basis'],
  'report.due': ['Hạn', 'Due'],
  'report.causes': [
    'NGUYÊN NHÂN, HẬU QUẢ, BIỆN PHÁP KHẮC PHỤC VÀ KIẾN NGHỊ',
    'CAUSES, CONSEQUENCES, REMEDIES AND PROPOSALS',
  ],
  'report.made': [
    'Số liệu do hệ thống Vọng Gác lập lúc {at}, theo phiên bản {version} của sự cố (mã {id}). Giờ Việt Nam.',
    'Drawn from Vọng Gác at {at}, version {version} of the incident (id {id}). Vietnam time.',
  ],
  'period.about': [
    'Kết quả giám sát an ninh mạng từ ngày {from} đến ngày {to}',
    'Cybersecurity monitoring from {from} to {to}',
  ],
  'period.summary': ['TỔNG HỢP', 'SUMMARY'],
  'period.summary_text': [
    'Trong kỳ phát sinh {opened} sự cố, trong đó {grave} sự cố mức cao và nghiêm trọng; kết luận {real} tấn công thật, {false} báo nhầm. Hiện còn {open} sự cố chưa xử lý xong (kể cả từ kỳ trước).',
    '{opened} incidents opened in the period, {grave} of them high or critical; {real} were found real attacks, {false} false alarms. {open} are open now, those of former periods included.',
  ],
  'period.incidents': ['Số sự cố', 'Incidents'],
  'period.no_verdict': ['Chưa kết luận', 'No verdict yet'],
  'period.n': ['Số lượt', 'Cases'],
  'period.median': ['Trung vị', 'Median'],
  'period.mean': ['Trung bình', 'Mean'],
  'period.in_time': ['Đúng cam kết', 'In time'],
  'period.legal': [
    'Báo cáo theo thời hạn của pháp luật: {met} đúng hạn, {late} trễ hạn, {overdue} đã quá hạn chưa gửi, {running} còn trong hạn.',
    'Reports that the law asks for: {met} in time, {late} late, {overdue} overdue and not sent, {running} not due yet.',
  ],
  'period.by_agency': ['THEO CƠ QUAN', 'BY AGENCY'],
  'period.opened': ['Phát sinh', 'Opened'],
  'period.grave': ['Cao, nghiêm trọng', 'High, critical'],
  'period.open_now': ['Đang mở', 'Open now'],
  'period.by_rule': ['LUẬT PHÁT HIỆN NHIỀU SỰ CỐ NHẤT', 'RULES WITH MOST INCIDENTS'],
  'period.watched': ['NGUỒN NHẬT KÝ ĐƯỢC GIÁM SÁT', 'LOG SOURCES WATCHED'],
  'period.sources': ['Số nguồn', 'Sources'],
  'period.complete': ['TÍNH ĐẦY ĐỦ CỦA DỮ LIỆU', 'COMPLETENESS'],
  'period.complete_text': [
    'Mọi bản ghi nhận được trong kỳ đều được đếm đến kết cục của nó. Tổng {total} bản ghi:',
    'Every record received in the period is counted to its end. {total} in all:',
  ],
  'period.no_records': ['Không có bản ghi nào trong kỳ.', 'There are no records of the period.'],
  'period.end': ['Kết cục', 'End'],
  'period.records': ['Số bản ghi', 'Records'],
  'period.nothing_lost': [
    'Từ khi vận hành, {positions} vị trí nhật ký đã xử lý và đúng {counted} vị trí có kết cục: không bản ghi nào bị mất.',
    'Since the beginning {positions} positions of the log were worked off and {counted} have an end: nothing was lost.',
  ],
  'period.lost': [
    'CẢNH BÁO: {positions} vị trí nhật ký đã xử lý nhưng {counted} có kết cục: {lost} vị trí chưa rõ.',
    'WARNING: {positions} positions of the log were worked off and {counted} have an end: {lost} are unaccounted for.',
  ],
  'period.head': [
    'Lịch sử thao tác (chuỗi băm) khi lập báo cáo dừng ở mục {id}, SHA-256 {hash}. Giữ con số này để đối chiếu về sau.',
    'The history (a chain of hashes) ended at entry {id}, SHA-256 {hash}, when this was made. Keep it, to check against later.',
  ],
  'period.remarks': ['NHẬN XÉT, KIẾN NGHỊ', 'REMARKS AND PROPOSALS'],
  'period.made': [
    'Số liệu do hệ thống Vọng Gác lập lúc {at}, giờ Việt Nam. Thời gian tiếp nhận, xử lý tính theo giờ thực, kể cả lúc tạm dừng.',
    'Drawn from Vọng Gác at {at}, Vietnam time. Times to acknowledge and resolve are of the wall clock, holds included.',
  ],
} as const satisfies Record<string, readonly [vi: string, en: string]>

export type Word = keyof typeof WORDS

/** The words under `key` with the parameters in them; a parameter is filled in as it is, never read again. */
export function say(language: Language, key: Word, params: Readonly<Record<string, string | number>> = {}): string {
  return WORDS[key][language === 'vi' ? 0 : 1].replaceAll(/\{(\w+)\}/g, (_whole, name: string) =>
    String(params[name] ?? ''),
  )
}

/** A number as it is written: 12.345 in Vietnamese, 12,345 in English. */
export function counted(language: Language, n: number): string {
  return n.toLocaleString(language === 'vi' ? 'vi-VN' : 'en-GB')
}

export function isWord(key: string): key is Word {
  return Object.hasOwn(WORDS, key)
}

export function named(language: Language, names: Names): string {
  return language === 'vi' ? names.vi : names.en
}

export function titled(language: Language, { title, titleVi }: { title: string; titleVi: string }): string {
  return language === 'vi' ? titleVi : title
}

/** `dd/MM/yyyy HH:mm` on the wall clock that `offset` (see `zoneOffset`) tells of; the text itself where it is no time. */
export function wallTime(offset: (atMs: number) => number, iso: string): string {
  const ms = Date.parse(iso)
  if (Number.isNaN(ms)) return iso
  const wall = new Date(ms + offset(ms)).toISOString()
  return `${wall.slice(8, 10)}/${wall.slice(5, 7)}/${wall.slice(0, 4)} ${wall.slice(11, 16)}`
}

/** One line of what a log said: without control characters, what turns text around and what is no character, at most `charsMax` long. */
export function plain(text: string, charsMax = 200): string {
  const line = text
    .replaceAll(/\s+/gu, ' ')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}]/gu, '')
    .trim()
  const chars = Array.from(line)
  return chars.length <= charsMax ? line : `${chars.slice(0, charsMax - 1).join('')}…`
}
