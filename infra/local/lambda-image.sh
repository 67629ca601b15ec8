#!/usr/bin/env bash
# Makes the image that `sam local invoke` runs functions in, out of this machine's own files, where Amazon's cannot be pulled:
#
#     make stack ARGS="--port 4566 --sam-env .aws-sam/env.json"      # in a terminal: what the functions talk to
#     python3 infra/local/bridge.py 4566                             # in another: lets containers reach it, prints its URL
#     infra/local/lambda-image.sh http://172.17.0.1:4566             # with that URL
#     ARCH=x86_64 sam build --parameter-overrides Architecture=x86_64
#     AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=us-east-1 sam local invoke ReceiverFunction \
#       -e events/receiver-github.json --env-vars .aws-sam/env.json --parameter-overrides Architecture=x86_64
#
# (`--docker-network host` does not do: the SAM command leaves its containers on Docker's bridge all the same.)
#
# It holds what a Rust function and the SAM command need and nothing else: a static busybox, the C library and the CA
# certificates. It proves how the function is packaged and wired, not that it runs on Amazon Linux.
#
# ENDPOINT becomes AWS_ENDPOINT_URL inside: the SAM command hands on only variables that the template declares, and the
# template knows of no endpoint. Without it the functions look for AWS itself.
#
# Needs docker (Debian: docker.io) and busybox-static.
set -euo pipefail

endpoint=${1:-}
case "$(uname -m)" in
  aarch64 | arm64) architecture=arm64 ;;
  *) architecture=x86_64 ;;
esac
image="public.ecr.aws/lambda/provided:al2023-$architecture"

busybox=$(command -v busybox) || {
  echo "lambda-image: busybox is missing (Debian: apt-get install busybox-static)" >&2
  exit 1
}
certificates=/etc/ssl/certs/ca-certificates.crt
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

mkdir -p "$root"/{bin,etc/ssl/certs,etc/pki/tls/certs,opt,tmp,var/task,var/runtime,var/rapid}
chmod 1777 "$root/tmp"
cp "$busybox" "$root/bin/busybox"
for tool in sh mv chmod ls cat mkdir; do ln -s busybox "$root/bin/$tool"; done

# A function links the C library, its mathematics and the unwinder; ldd knows where this machine keeps its loader.
copy() { mkdir -p "$root$(dirname "$1")" && cp -L "$1" "$root$1"; }
ldconfig=$(command -v ldconfig || echo /sbin/ldconfig)
for library in libc.so.6 libm.so.6 libgcc_s.so.1 libpthread.so.0 libdl.so.2 librt.so.1; do
  copy "$("$ldconfig" -p | awk -v name="$library" '$1 == name { print $NF; exit }')"
done
copy "$(ldd /bin/sh | awk '/ld-linux/ { print $1 }')"
cp -L "$certificates" "$root/etc/ssl/certs/ca-certificates.crt"
cp -L "$certificates" "$root/etc/pki/tls/certs/ca-bundle.crt"

changes=(--change 'WORKDIR /var/task' --change 'ENV PATH=/bin' --change 'ENV LAMBDA_TASK_ROOT=/var/task')
[ -z "$endpoint" ] || changes+=(--change "ENV AWS_ENDPOINT_URL=$endpoint")
tar -C "$root" -c . | docker import "${changes[@]}" - "$image" >/dev/null

# The SAM command builds its own image upon this one and keeps it: an old one would hide the new.
old=$(docker images --quiet --filter "reference=public.ecr.aws/lambda/provided:*rapid*")
[ -z "$old" ] || docker rmi --force $old >/dev/null
echo "$image"
