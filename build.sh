#!/usr/bin/env bash
# One entry for everything: ./build.sh help lists what it does.
# It needs Go, Node and npm; tests also want a browser and a reference server, and say so.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

readonly DIST=dist
readonly GEN=$DIST/gen
readonly SITE=$DIST/site
readonly SERVER=$DIST/riffle-server
readonly DATA=${RIFFLE_DATA:-.data}
readonly PORT=${RIFFLE_PORT:-6379}
readonly HTTP_PORT=${RIFFLE_HTTP_PORT:-8379}
readonly GO_NEEDED=1.26
readonly NODE_NEEDED=20.19

help() {
  cat <<'TEXT'
./build.sh            set up, build and serve: the RESP server and the console page
./build.sh serve      serve what was built
./build.sh build      leave dist/riffle-server and dist/site
./build.sh test       run every test; installs the tools it needs when it is root on Debian
./build.sh dev        page with live reload, server restarted when Go files change
./build.sh bench      memory, server, persistence, growth, threads, page against redis-server; bench NAME runs one
./build.sh sim        seeded simulation; sim SEED repeats one
./build.sh size       what the page weighs, and the largest symbols in it
./build.sh docs       print the command reference
./build.sh clean      remove dist and installed packages, never the data
./build.sh help       this text

RIFFLE_DATA       where the server keeps its data (.data)
RIFFLE_PORT       where RESP is served (6379, or the next free port)
RIFFLE_HTTP_PORT  where the page is served (8379, or the next free port)
TEXT
}

say() { printf '\033[1m%s\033[0m\n' "$*"; }

die() {
  printf 'build.sh: %s\n' "$*" >&2
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# at_least HAVE NEED: is version HAVE as new as NEED?
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

need_go() {
  has go || die "Go is missing: install Go $GO_NEEDED or later from https://go.dev/dl and put it in PATH."
  local have
  have=$(go env GOVERSION)
  at_least "${have#go}" "$GO_NEEDED" || die "Go is ${have#go}, but $GO_NEEDED is needed: see https://go.dev/dl."
}

need_node() {
  has node || die "Node is missing: install Node $NODE_NEEDED or later from https://nodejs.org."
  has npm || die "npm is missing: it comes with Node, see https://nodejs.org."
  local have
  have=$(node --version)
  at_least "${have#v}" "$NODE_NEEDED" || die "Node is ${have#v}, but $NODE_NEEDED is needed: see https://nodejs.org."
}

# hot_calls prints what has the compiler put the calls on every command's way in line, see tools/lean/hot.go.
hot_calls() { echo "riffle/...=$(cat "$GEN/_lean/gcflags")"; }

# build_engine TAG NAME: the engine with or without the tag core, stripped.
build_engine() {
  GOOS=js GOARCH=wasm go build -tags "$1" -modfile="$GEN/_lean/lean.mod" -overlay="$GEN/_lean/overlay.json" \
    -gcflags="$(hot_calls)" -trimpath -ldflags="-s -w -buildid=" -o "$GEN/linked.wasm" ./wasm/browser
  go run ./tools/strip "$GEN/linked.wasm" "$GEN/$2.wasm" "$GEN/$2.names"
  rm "$GEN/linked.wasm"
}

build_wasm() {
  need_go
  say "engine for the browser -> $GEN/engine.wasm, and with all commands -> $GEN/complete.wasm"
  mkdir -p "$GEN"
  go run ./tools/lean "$GEN/_lean"
  build_engine core engine
  build_engine full complete
  cp "$(go env GOROOT)/lib/wasm/wasm_exec.js" "$GEN/wasm_exec.js"
}

# install_packages FOLDER runs npm ci there when the lock file is newer than what is installed.
install_packages() {
  need_node
  local installed=$1/node_modules/.package-lock.json
  [ -e "$installed" ] && [ ! "$1/package-lock.json" -nt "$installed" ] && return
  say "packages -> $1/node_modules"
  npm --prefix "$1" ci --no-audit --no-fund
}

build_site() {
  install_packages site
  say "page -> $SITE"
  npm --prefix site run build
}

# build_server comes after build_wasm, which prepares the list of hot calls.
build_server() {
  need_go
  say "server -> $SERVER"
  CGO_ENABLED=0 go build -gcflags="$(hot_calls)" -trimpath -ldflags="-s -w -buildid=" -o "$SERVER" ./tools/server
}

build() {
  build_wasm
  build_site
  build_server
  say "built: $SERVER and $SITE"
}

port_is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# free_port NAME PORT: PORT, or the next one that nobody listens on.
free_port() {
  local port=$2
  until port_is_free "$port"; do port=$((port + 1)); done
  [ "$port" = "$2" ] || printf '%s port %s is taken, using %s\n' "$1" "$2" "$port" >&2
  echo "$port"
}

# start_server RESP_PORT HTTP_PORT: becomes the server.
start_server() {
  mkdir -p "$DATA"
  exec "./$SERVER" --port "$1" --http-port "$2" --site "$SITE" \
    --appendonly yes --appendfsync everysec --dir "$DATA"
}

serve() {
  local port http
  port=$(free_port RESP "$PORT")
  http=$(free_port HTTP "$HTTP_PORT")
  say "RESP  redis-cli -p $port"
  say "page  http://localhost:$http/                  the engine in your browser"
  say "      http://localhost:$http/?engine=server    the same page on this server's data"
  say "data  $DATA"
  start_server "$port" "$http"
}

# packages_for TEST_TOOL... prints the Debian packages of the tools that are missing.
missing_packages() {
  has chromium || has chromium-browser || has google-chrome || echo chromium
  has redis-server || [ -n "${REDIS_SERVER:-}" ] || echo redis-server
  has redis-cli || echo redis-tools
  has brotli || echo brotli
  if has fc-list && fc-list 2>/dev/null | grep -qi 'cjk'; then :; else echo fonts-noto-cjk; fi
}

# setup_tests installs what only tests need; without the right to do so it says what is missing.
setup_tests() {
  local missing
  missing=$(missing_packages | tr '\n' ' ')
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" = 0 ] && has apt-get; then
    say "tools for tests: $missing"
    # RUNLEVEL keeps the package from starting a server of its own.
    apt-get update -qq && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -qq --no-install-recommends $missing >/dev/null && return 0
  fi
  echo "Some tests need tools that are missing; on Debian: sudo apt-get install $missing" >&2
}

# attempt NAME COMMAND...: runs a step of the tests; a failure is noted and the next step follows. The step gets
# a shell of its own that ends at the first failing command; as a condition of || it would go on behind it.
attempt() {
  local name=$1 code
  shift
  say "test: $name"
  set +e
  (set -e; "$@")
  code=$?
  set -e
  [ $code = 0 ] || { failed="$failed, $name"; echo "FAILED: $name" >&2; }
}

go_tests() { go test -json ./... | node .ci/count.mjs go "$DIST/test/go.json"; }

# torture_tests: tiny tables, compaction after every request, and what is freed written over.
torture_tests() { go test -tags torture -short ./engine ./engine/dict ./tools/sim; }

# site_tests KIND SCRIPT: runs a vitest script and leaves its counts for the last line.
site_tests() {
  npm --prefix site run "$2" -- --reporter=default --reporter=json --outputFile.json="$PWD/$DIST/test/$1.json"
}

# application_tests: libraries of other people's, as they come from the registry, against the built server.
application_tests() {
  install_packages tools/apps/node || {
    [ "${CI:-}" != true ] || return 1
    echo "not run: the packages of tools/apps/node cannot be installed" >&2
    return 0
  }
  npm --prefix tools/apps/node test -- --test-reporter=spec --test-reporter-destination=stdout \
    --test-reporter="$PWD/.ci/counts.mjs" --test-reporter-destination="$PWD/$DIST/test/applications.json"
}

vet() {
  go vet ./...
  GOOS=js GOARCH=wasm go vet ./wasm/...
  local unformatted
  unformatted=$(gofmt -l engine wasm tools)
  [ -z "$unformatted" ] || { echo "not as gofmt writes it: $unformatted" >&2; return 1; }
}

run_tests() {
  setup_tests
  rm -rf "$DIST/test"
  mkdir -p "$DIST/test"
  failed=
  attempt build build
  attempt "weight of the page" node tools/size/size.mjs budget
  attempt vet vet
  attempt "Go, transcripts against redis-server, simulation, benchmarks' smoke" go_tests
  attempt "tiny tables, forced compaction" torture_tests
  attempt "applications on Node" application_tests
  attempt "page, units" site_tests unit test
  attempt "page, browser" site_tests browser test:browser
  [ -z "$failed" ] || echo "failed steps: ${failed#, }"
  node .ci/count.mjs sum "$DIST/test"
  [ -z "$failed" ]
}

# newest prints the time of the youngest Go file.
newest() { find engine wasm tools -name '*.go' -newer "$DIST/.dev" -print -quit 2>/dev/null; }

dev() {
  build_wasm
  install_packages site
  npm --prefix site run dev &
  local page=$! server=
  trap 'kill $page ${server:-} 2>/dev/null' EXIT
  local port http
  port=$(free_port RESP "$PORT")
  http=$(free_port HTTP "$HTTP_PORT")
  while true; do
    touch "$DIST/.dev"
    if build_wasm && build_server; then
      [ -z "$server" ] || { kill "$server" && wait "$server" || true; }
      (start_server "$port" "$http") &
      server=$!
    fi
    while [ -z "$(newest)" ]; do sleep 1; done
  done
}

bench() {
  [ -x "$SERVER" ] && [ -d "$SITE" ] || build
  go run ./tools/bench "$@"
}

sim() {
  need_go
  if [ $# -eq 0 ]; then go run ./tools/sim; else go run ./tools/sim -seed "$@"; fi
}

size() {
  [ -f "$GEN/engine.wasm" ] && [ -d "$SITE" ] || build
  node tools/size/size.mjs
}

docs() {
  need_go
  [ -d tools/docs ] || die "there is no tools/docs in this checkout."
  go run ./tools/docs "$@"
}

clean() {
  rm -rf "$DIST" site/node_modules tools/apps/node/node_modules
  say "removed $DIST and the installed packages; data stays in $DATA"
}

main() {
  local verb=${1:-all}
  [ $# -eq 0 ] || shift
  case $verb in
    all) build && serve ;;
    test) run_tests ;;
    build | serve | dev | bench | sim | size | docs | clean | help) "$verb" "$@" ;;
    *) help >&2; die "no such verb: $verb" ;;
  esac
}

main "$@"
