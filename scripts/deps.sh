#!/bin/bash
# Installs what the tests need and the machine does not have yet: Chromium with
# a Chinese font, the telephones that call us (SIPp, baresip), the voice that
# speaks offline (espeak-ng), and PostgreSQL with pgvector in a private folder.
# Says in one line each what it did. Debian or Ubuntu, as root or with sudo.
# Idempotent. With "run" it only installs what calls need to speak, with "bench"
# what they are measured beside; both go on without when they cannot.
set -euo pipefail
cd "$(dirname "$0")/.."

sudo=""
if [ "$(id -u)" != 0 ]; then sudo="sudo"; fi
updated=""
install() {
	if ! command -v apt-get >/dev/null; then
		echo "deps: no apt-get here; please install: $*" >&2
		return 1
	fi
	if [ -z "$updated" ]; then
		$sudo apt-get -q -o DPkg::Lock::Timeout=400 update >/dev/null
		updated=1
	fi
	echo "deps: installing $*"
	DEBIAN_FRONTEND=noninteractive $sudo apt-get -q -y -o DPkg::Lock::Timeout=400 install --no-install-recommends "$@" >/dev/null
}

if [ "${1:-}" = run ]; then
	command -v espeak-ng >/dev/null || install espeak-ng ||
		echo "deps: no espeak-ng, so the demo's telephone is silent; chat and touch menus work" >&2
	exit 0
fi

if [ "${1:-}" = bench ]; then
	command -v espeak-ng >/dev/null || install espeak-ng || true
	command -v rtpengine >/dev/null || install rtpengine-daemon || true
	exit 0
fi

if ! command -v chromium >/dev/null && ! command -v google-chrome >/dev/null; then
	install chromium
fi
if ! fc-list 2>/dev/null | grep -qi wqy; then
	install fonts-wqy-microhei fontconfig
fi
if ! command -v gcc >/dev/null || ! command -v make >/dev/null; then
	install gcc make libc6-dev
fi
if ! command -v sipp >/dev/null; then
	install sip-tester
fi
if ! command -v baresip >/dev/null; then
	install baresip-core
fi
if ! command -v espeak-ng >/dev/null; then
	install espeak-ng
fi
bash scripts/pgvector.sh
