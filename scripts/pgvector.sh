#!/bin/bash
# Puts a PostgreSQL with pgvector where the tests find it, and prints the
# folder of its programs. Nothing on the system changes, unless PostgreSQL is
# missing: then it is installed, which needs root. A second call does nothing.
#
#   scripts/pgvector.sh [FOLDER]      default: /var/tmp/parley-UID/postgres
#
# For Debian and Ubuntu. Everything comes from the package sources that this
# machine is set up with, and apt checks its signatures.
set -euo pipefail

prefix=${1:-/var/tmp/parley-$(id -u)/postgres}
version=0.8.0 # of pgvector, when it has to be built

say() { echo "pgvector.sh: $*" >&2; }
die() { say "$*"; exit 1; }

# What is there may lean on a PostgreSQL that was removed since.
if [ -f "$prefix/.ok" ] && [ -x "$prefix/bin/postgres" ] && ! find "$prefix/lib/" "$prefix/share/" -xtype l | grep -q .; then
  echo "$prefix/bin"
  exit 0
fi
command -v apt-get >/dev/null || die "this needs apt. Elsewhere: install PostgreSQL with pgvector and set PARLEY_PG_BIN"

# As the tests may run as root, and PostgreSQL then as another user, everybody
# must be able to enter the folder; nobody else may write to it.
umask 022
mkdir -p "$prefix"
[ -O "$prefix" ] || die "$prefix belongs to somebody else"

newest() { ls -d /usr/lib/postgresql/*/bin/postgres 2>/dev/null | sort -V | tail -1 | cut -d/ -f5; }

install_postgres() {
  [ "$(id -u)" = 0 ] || die "PostgreSQL is not installed: run this as root once, or apt-get install postgresql"
  # Neither a cluster nor a service, please.
  mkdir -p /etc/postgresql-common/createcluster.d
  echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/none.conf
  export DEBIAN_FRONTEND=noninteractive
  apt-get -q update >&2
  pg=$(apt-cache depends postgresql | sed -n 's/.*Depends: postgresql-\([0-9]*\)$/\1/p' | head -1)
  [ -n "$pg" ] || die "apt knows no postgresql"
  apt-get -q install -y --no-install-recommends "postgresql-$pg" >&2
}

pg=$(newest)
if [ -z "$pg" ]; then
  install_postgres
  pg=$(newest)
fi
from=/usr/lib/postgresql/$pg
say "PostgreSQL $pg"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"

# archives prints "type url suite keyring" for each package source of this
# machine, whichever of the two formats it is written in.
archives() {
  { cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null || true; } | awk '
    $1 == "deb" {
      key = ""; i = 2
      if ($2 ~ /^\[/) { for (; i <= NF; i++) { if (match($i, /signed-by=[^] ]*/)) key = substr($i, RSTART + 10, RLENGTH - 10); if ($i ~ /\]$/) { i++; break } } }
      print $i, $(i + 1), (key == "" ? "-" : key)
    }'
  local f
  for f in /etc/apt/sources.list.d/*.sources; do
    [ -f "$f" ] || continue
    awk '
      function flush(  i, j, u, s) {
        if (types ~ /deb/ && on) { split(uris, u, " "); split(suites, s, " ")
          for (i in u) for (j in s) print u[i], s[j], (key ~ /^\// ? key : "-") }
        types = uris = suites = key = ""; on = 1
      }
      BEGIN { on = 1 }
      /^[ \t]*#/ { next }
      /^[ \t]*$/ { flush(); next }
      { v = $0; sub(/^[^:]*:[ \t]*/, "", v) }
      tolower($1) == "types:" { types = v }
      tolower($1) == "uris:" { uris = v }
      tolower($1) == "suites:" { suites = v }
      tolower($1) == "signed-by:" { key = v }
      tolower($1) == "enabled:" { on = (tolower(v) !~ /no|false/) }
      END { flush() }' "$f"
  done
}

# private runs apt with lists and caches of its own.
private() {
  apt-get -q -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=- \
    -o Dir::State::lists="$work/lists" -o Dir::Cache::archives="$work/archives" \
    -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User="$(id -un)" \
    -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false -o Acquire::Languages=none "$@" >&2
}

# sources writes the package sources for private: those of the release that
# this machine runs and, with an argument, the source packages of that one.
sources() {
  local url suite key opt base
  . /etc/os-release
  mkdir -p "$work/lists/partial" "$work/archives/partial"
  : >"$work/sources.list"
  while read -r url suite key; do
    case $suite in "$VERSION_CODENAME" | "$VERSION_CODENAME-updates" | "$VERSION_CODENAME-security") ;; *) continue ;; esac
    opt=
    [ "$key" = - ] || opt="[signed-by=$key] "
    if [ "$ID" = ubuntu ]; then
      echo "deb $opt$url $suite main universe"
      [ -z "${1:-}" ] || [ "$suite" != "$VERSION_CODENAME" ] || echo "deb-src $opt$url $1 main universe"
    else
      echo "deb $opt$url $suite main"
      [ -z "${1:-}" ] || [ "$suite" != "$VERSION_CODENAME" ] || echo "deb-src $opt$url $1 main"
    fi
  done < <(archives | sort -u) >>"$work/sources.list"
  grep -q '^deb ' "$work/sources.list" || die "found no package source for $VERSION_CODENAME in /etc/apt"
}

# packaged unpacks the distribution's own pgvector, if it has one.
packaged() {
  sources
  (cd "$work" && private update && private download "postgresql-$pg-pgvector" && dpkg -x "postgresql-$pg-pgvector"_*.deb ext) || return 1
  lib=$work/ext/usr/lib/postgresql/$pg/lib
  sql=$work/ext/usr/share/postgresql/$pg/extension
}

# built compiles the source package of a newer release against the headers of
# the server at hand: the interface is the same within a major version. The
# package of the headers itself would bring a compiler suite along.
built() {
  command -v make >/dev/null && command -v cc >/dev/null || die "building pgvector needs gcc and make"
  . /etc/os-release
  local newer=trixie
  [ "$ID" = ubuntu ] && newer=noble
  sources "$newer"
  (
    cd "$work"
    private update
    private download "postgresql-server-dev-$pg"
    dpkg -x "postgresql-server-dev-$pg"_*.deb dev
    private source --download-only "pgvector=$version-1" || private source --download-only pgvector
    tar xf pgvector_*.orig.tar.*
    mv pgvector-* source
    make -s -C source -j"$(nproc)" OPTFLAGS="" with_llvm=no PG_CONFIG="$from/bin/pg_config" \
      includedir_server="$work/dev/usr/include/postgresql/$pg/server" >&2
    mkdir -p sql && cp source/vector.control source/sql/vector--*.sql sql/
  )
  lib=$work/source
  sql=$work/sql
}

if [ -f "/usr/share/postgresql/$pg/extension/vector.control" ]; then
  say "pgvector is installed"
  lib= sql=
elif packaged; then
  say "pgvector from the package"
else
  say "no package of pgvector for PostgreSQL $pg: building it"
  rm -rf "$work"/*
  built
fi

# A tree of its own: PostgreSQL finds its files from where its programs really
# are, so these are copies and the rest are links.
tree=$prefix/lib/postgresql/$pg
share=$prefix/share/postgresql/$pg
rm -rf "$prefix/lib" "$prefix/share" "$prefix/bin"
mkdir -p "$tree/lib" "$share/extension"
cp -a "$from/bin" "$tree/"
ln -s "$from"/lib/* "$tree/lib/"
for f in /usr/share/postgresql/"$pg"/*; do
  [ "$(basename "$f")" = extension ] || ln -s "$f" "$share/"
done
ln -s /usr/share/postgresql/"$pg"/extension/* "$share/extension/"
if [ -n "$lib" ]; then
  install -m 644 "$lib/vector.so" "$tree/lib/"
  install -m 644 "$sql"/vector.control "$sql"/vector--*.sql "$share/extension/"
fi
chmod a+rx "$(dirname "$prefix")" "$prefix"
ln -s "$tree/bin" "$prefix/bin"
touch "$prefix/.ok"
echo "$prefix/bin"
