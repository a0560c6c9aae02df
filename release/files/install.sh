#!/bin/sh
# Installs or upgrades Vọng Gác from the folder this script lies in, without a network.
#   ./install.sh [--key release.pub | --fingerprint HEX] [--no-start]
# Nothing is run or unpacked before the signature holds. The key is the one given, or the one of the last installation; the one
# in this folder counts only with the fingerprint that you were told by other means.
set -eu
umask 022
cd "$(dirname "$0")"

etc=/etc/vong-gac
var=/var/lib/vong-gac
opt=/opt/vong-gac
user=vong-gac

die() { echo "install.sh: $*" >&2; exit 1; }

key= fingerprint= start=yes
while [ $# -gt 0 ]; do
  case $1 in
    --key) key=${2:?--key FILE}; shift 2 ;;
    --fingerprint) fingerprint=${2:?--fingerprint HEX}; shift 2 ;;
    --no-start) start=no; shift ;;
    *) die "không hiểu · unknown: $1" ;;
  esac
done

# 1. The signature, then every file, and no file more.
command -v openssl >/dev/null || die "cần openssl để kiểm tra chữ ký · openssl is needed to check the signature"
if [ -n "$fingerprint" ]; then
  key=release.pub
  found=$(openssl pkey -pubin -in "$key" -outform DER | sha256sum | cut -d' ' -f1)
  [ "$found" = "$(echo "$fingerprint" | tr -d ': ' | tr A-F a-f)" ] ||
    die "khóa trong gói có dấu vân tay khác · the key in this folder has the fingerprint $found"
fi
[ -n "$key" ] || key=$etc/release.pub
[ -f "$key" ] || die "cần --key hoặc --fingerprint cho lần đầu · the first time, --key or --fingerprint is needed"
openssl pkeyutl -verify -pubin -inkey "$key" -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig >/dev/null 2>&1 ||
  die "chữ ký không đúng · the signature is not of this key: nothing was installed"
sha256sum --check --strict --quiet SHA256SUMS >&2 ||
  die "tệp đã bị thay đổi · files are not what was signed: nothing was installed"
expected=$(cut -c67- SHA256SUMS | sort)
present=$(find . -type f ! -name SHA256SUMS ! -name SHA256SUMS.sig | cut -c3- | sort)
[ "$expected" = "$present" ] || die "có tệp lạ · there are files that were not signed: nothing was installed"
# 2. What only root can.
[ "$(id -u)" -eq 0 ] || die "phải chạy bằng root · run it as root"
case $(uname -m) in x86_64) ;; *) die "chỉ cho x86_64 · for x86_64 only" ;; esac

getent group $user >/dev/null || groupadd --system $user
getent passwd $user >/dev/null ||
  useradd --system --gid $user --home-dir $var --no-create-home --shell /usr/sbin/nologin $user
install -d -m 0755 $opt $opt/releases
install -d -m 0750 -o root -g $user $etc
install -d -m 0700 -o $user -g $user $var

# 3. The program, beside the former one until it is whole.
release=$opt/releases/$(cut -d' ' -f1 VERSION)-$(sha256sum payload.tar.gz | cut -c1-12)
if [ ! -d "$release" ]; then
  rm -rf "$release.part"
  mkdir "$release.part"
  tar -xzf payload.tar.gz -C "$release.part" --no-same-owner
  mv "$release.part" "$release"
fi

# 4. What the place changes: a shipped file takes the place of the one shipped before, never of one that was changed here; then
#    it is laid beside as FILE.new, which nothing loads.
place() { # FILE below the release, FILE below /etc/vong-gac, owner
  from=$release/$1 to=$etc/$2
  sum=$(sha256sum <"$from" | cut -d' ' -f1)
  was=$(sed -n "s|^\([0-9a-f]*\)  $2\$|\1|p" $etc/.shipped 2>/dev/null || true)
  if [ -e "$to" ]; then now=$(sha256sum <"$to" | cut -d' ' -f1); else now=; fi
  echo "$sum  $2" >>$etc/.shipped.part
  if [ -n "$now" ] && [ "$now" = "$sum" ]; then return; fi
  if [ -z "$now" ] && [ -n "$was" ]; then return; fi # deleted here
  if [ -n "$now" ] && [ "$now" != "$was" ]; then
    to=$to.new
    echo "giữ bản tại chỗ · kept as changed here: $etc/$2"
  fi
  install -D -m 0640 -o "$3" -g $user "$from" "$to"
}
: >$etc/.shipped.part
for folder in rules registry playbooks legal; do
  for file in $(cd "$release" && find $folder -type f | sort); do place "$file" "$file" $user; done
  find $etc/$folder -type d -exec chown $user:$user {} + -exec chmod 0750 {} +
done
place install/soc.yaml soc.yaml root
mv $etc/.shipped.part $etc/.shipped
[ "$key" -ef $etc/release.pub ] 2>/dev/null || install -m 0644 "$key" $etc/release.pub

# 5. In force.
install -D -m 0644 "$release/install/vong-gac.service" /etc/systemd/system/vong-gac.service
install -D -m 0755 "$release/install/soc" /usr/local/bin/soc
ln -sfn "$release" $opt/current.part
mv -T $opt/current.part $opt/current
# The one before stays for whoever has to look; older ones go.
ls -1dt $opt/releases/*/ | tail -n +3 | xargs -r rm -rf --

echo "Đã cài · installed: $release"
if [ ! -d /run/systemd/system ]; then
  echo "không có systemd · systemd does not run here: start it as the unit says"
elif [ $start = yes ]; then
  systemctl daemon-reload
  systemctl enable vong-gac.service
  systemctl restart vong-gac.service
  echo "Mật khẩu lần đầu · the first password: journalctl -u vong-gac -b | grep -A1 'first login'"
else
  systemctl daemon-reload
fi
