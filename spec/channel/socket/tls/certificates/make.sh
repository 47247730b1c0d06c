#!/bin/sh
# Makes the certificates of the TLS specs anew, beside this script. They are for nothing else: the keys are public.
# openssl 1.1.1 or later. They are in git because not each machine that runs the specs has it.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -f ./*.pem ./*.key ./*.p12

START=20250101000000Z
END=21250101000000Z
export OPENSSL_CONF="$work/openssl.cnf"
cat > "$OPENSSL_CONF" <<CONF
[req]
distinguished_name = dn
prompt = no
[dn]
CN = unused
[ca]
default_ca = any
[any]
database = $work/index.txt
new_certs_dir = $work
rand_serial = yes
unique_subject = no
default_md = sha256
policy = policy
copy_extensions = none
[policy]
organizationName = optional
commonName = supplied
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
[server]
subjectAltName = DNS:localhost, IP:127.0.0.1, IP:::1
extendedKeyUsage = serverAuth
[elsewhere]
subjectAltName = DNS:greeter.example.test, DNS:*.svc.example.test
extendedKeyUsage = serverAuth
[client]
extendedKeyUsage = clientAuth
CONF
: > "$work/index.txt"

key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }
request() { openssl req -new -key "$1.key" -subj "$2" -out "$work/$1.csr"; }
# sign NAME SUBJECT EXTENSIONS [START END] [CA]
sign() {
  key "$1"
  request "$1" "$2"
  openssl ca -batch -notext -in "$work/$1.csr" -out "$1.pem" -extensions "$3" \
    -startdate "${4:-$START}" -enddate "${5:-$END}" -cert "${6:-root}.pem" -keyfile "${6:-root}.key"
}
self() {
  key "$1"
  request "$1" "$2"
  openssl ca -batch -notext -selfsign -in "$work/$1.csr" -out "$1.pem" -extensions "$3" \
    -startdate $START -enddate $END -keyfile "$1.key"
}

self root '/O=stubless specs/CN=Spec Root' root
self other-root '/O=stubless specs/CN=Other Root' root
self self-signed '/CN=localhost' server
sign server '/CN=localhost' server
sign elsewhere '/CN=greeter.example.test' elsewhere
sign expired '/CN=localhost' server 20010101000000Z 20020101000000Z
sign future '/CN=localhost' server 21240101000000Z 21250101000000Z
sign client '/O=stubless specs/CN=Spec Client' client
sign other-client '/CN=Other Client' client $START $END other-root
sign intermediate '/CN=Spec Intermediate' root
sign leaf '/CN=localhost' server $START $END intermediate
openssl ec -aes256 -passout pass:secret -in client.key -out client-encrypted.key
openssl pkcs12 -export -inkey client.key -in client.pem -passout pass:secret -out client.p12
rm root.key other-root.key intermediate.key
