#!/usr/bin/env bash
# Builds kube-apiserver, etcd and kubectl into bin/k8s; nothing when they are there and up to date.
# KUBEBUILDER_ASSETS, when set, must hold the three already: then nothing is built at all.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=$(cd "$here/../.." && pwd)/bin/k8s
binaries=(etcd kubectl kube-apiserver)

if [[ -n ${KUBEBUILDER_ASSETS:-} ]]; then
  for name in "${binaries[@]}"; do
    if [[ ! -x $KUBEBUILDER_ASSETS/$name ]]; then
      echo "KUBEBUILDER_ASSETS is $KUBEBUILDER_ASSETS, which has no executable $name." >&2
      echo "Unset it to have the control plane built into bin/k8s." >&2
      exit 1
    fi
  done
  echo "Control plane: using KUBEBUILDER_ASSETS=$KUBEBUILDER_ASSETS; nothing is built."
  exit 0
fi

cd "$here"
stamp=$out/.stamp
inputs=$(go env GOVERSION GOOS GOARCH && cat go.mod go.sum build.sh)
missing=()
for name in "${binaries[@]}"; do
  [[ -x $out/$name ]] || missing+=("$name")
done
if [[ ${#missing[@]} -eq 0 && -f $stamp && $(<"$stamp") == "$inputs" ]]; then
  echo "Control plane: bin/k8s is up to date."
  exit 0
fi

import_path() {
  case $1 in
    etcd) echo go.etcd.io/etcd/server/v3 ;;
    *) echo "k8s.io/kubernetes/cmd/$1" ;;
  esac
}

clock() { printf '%dm%02ds' $((SECONDS / 60)) $((SECONDS % 60)); }

# watch PID MESSAGE LOG PATTERN shows, until PID ends, how many lines of LOG match PATTERN.
watch() {
  local pid=$1 message=$2 log=$3 pattern=$4 every=15 next=0 count
  [[ -t 1 ]] && every=1
  while kill -0 "$pid" 2>/dev/null; do
    if ((SECONDS >= next)); then
      next=$((SECONDS + every))
      count=$(grep -c "$pattern" "$log" || true)
      # shellcheck disable=SC2059 # the message is the format: it holds the place of the count
      if [[ -t 1 ]]; then printf "\r\e[K[%s] $message" "$(clock)" "$count"; else printf "[%s] $message\n" "$(clock)" "$count"; fi
    fi
    sleep 0.2
  done
  if [[ -t 1 ]]; then printf '\r\e[K'; fi
}

# Everything is made in a folder of its own and moved when all of it is whole.
mkdir -p "$out"
work=$(mktemp -d "$out/.build.XXXXXX")
child=
trap '[[ -z $child ]] || kill "$child" 2>/dev/null || true; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# run MESSAGE PATTERN COMMAND... runs COMMAND and tells of its progress; on failure, what it said.
run() {
  local message=$1 pattern=$2 log=$work/log
  shift 2
  "$@" >"$work/stdout" 2>"$log" &
  child=$!
  watch "$child" "$message" "$log" "$pattern"
  if ! wait "$child"; then
    grep -v -e '^go: downloading' -e '^[^ :]*$' "$log" >&2 || true
    echo "Control plane: this failed: $*" >&2
    exit 1
  fi
  child=
}

version=$(go list -m -f '{{.Version}}' k8s.io/kubernetes)
echo "Control plane: building Kubernetes $version (kube-apiserver, kubectl) and etcd $(go list -m -f '{{.Version}}' go.etcd.io/etcd/server/v3) into bin/k8s."
echo "The first build takes about 6 minutes on 2 cores and 3 GB of Go's caches; later ones take seconds, and none is made while nothing changes."

# client-go refuses a server whose version it cannot parse, and only the linker sets it.
IFS=. read -r major minor _ <<<"${version#v}"
prefix=k8s.io/component-base/version
ldflags="-s -w -X $prefix.gitVersion=$version -X $prefix.gitMajor=$major -X $prefix.gitMinor=$minor"

run "modules: %s downloaded" '^go: downloading' go list -deps tool
step=0
for name in "${binaries[@]}"; do
  step=$((step + 1))
  packages=$(go list -deps "$(import_path "$name")" | wc -l)
  run "$step/${#binaries[@]} $name: %s of up to $packages packages compiled" '^[^ :]*$' \
    go build -v -trimpath -ldflags "$ldflags" -o "$work/$name" "$(import_path "$name")"
  echo "[$(clock)] $step/${#binaries[@]} $name: done"
done

rm -f "$stamp"
for name in "${binaries[@]}"; do
  mv -f "$work/$name" "$out/$name"
done
printf '%s\n' "$inputs" >"$stamp"
echo "Control plane: ready in bin/k8s after $(clock)."
