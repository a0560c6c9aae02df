const USERS = ['nguyenvana', 'tranthib', 'lehoangc', 'root', 'backup', 'phamd']

/** One line of a mix of sshd, sudo, nginx and cron with repeating users and hosts, as a server room sends it (RFC 5424). */
export function serverRoomLine(i: number, atMs: number): string {
  const user = USERS[i % USERS.length]!
  const time = new Date(atMs).toISOString()
  const host = `may-chu-${i % 20}`
  switch (i % 5) {
    case 0:
      return `<38>1 ${time} ${host} sshd ${1000 + (i % 9000)} - - Accepted publickey for ${user} from 10.20.${i % 200}.7 port ${20_000 + (i % 40_000)} ssh2`
    case 1:
      return `<86>1 ${time} ${host} sudo - - - ${user} : TTY=pts/0 ; PWD=/home/${user} ; USER=root ; COMMAND=/usr/bin/systemctl status nginx`
    case 2:
      return `<78>1 ${time} ${host} CRON ${1000 + (i % 9000)} - - (root) CMD (run-parts /etc/cron.hourly)`
    default:
      return `<190>1 ${time} ${host} nginx - - - 10.20.${i % 200}.9 - - [${clf(time)}] "GET /thu-tuc/${i % 5000}?trang=${i % 40} HTTP/1.1" 200 ${500 + (i % 9000)} "-" "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"`
  }
}

/** A time as the Common Log Format writes it. */
function clf(iso: string): string {
  const [day, time] = iso.split('T')
  const [year, month, date] = day!.split('-')
  const names = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
  return `${date}/${names[Number(month) - 1]}/${year}:${time!.slice(0, 8)} +0000`
}
