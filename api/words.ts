import type { Names } from '../model/registry.ts'

export const LANGUAGES = ['vi', 'en'] as const
export type Language = (typeof LANGUAGES)[number]

/** What mails and reports say, `[vi, en]`; `{name}` is filled in. The console has its own. */
const WORDS = {
  'kind.host': ['máy', 'host'],
  'kind.user': ['tài khoản', 'account'],
  'kind.ip': ['địa chỉ', 'address'],
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
} as const satisfies Record<string, readonly [vi: string, en: string]>

export type Word = keyof typeof WORDS

/** The words under `key` with the parameters in them; a parameter is filled in as it is, never read again. */
export function say(language: Language, key: Word, params: Readonly<Record<string, string | number>> = {}): string {
  return WORDS[key][language === 'vi' ? 0 : 1].replaceAll(/\{(\w+)\}/g, (_whole, name: string) =>
    String(params[name] ?? ''),
  )
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

/** One line of what a log said: without control characters and what turns text around, at most `charsMax` long. */
export function plain(text: string, charsMax = 200): string {
  const line = text
    .replaceAll(/\s+/gu, ' ')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu, '')
    .trim()
  const chars = Array.from(line)
  return chars.length <= charsMax ? line : `${chars.slice(0, charsMax - 1).join('')}…`
}
