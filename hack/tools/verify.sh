#!/usr/bin/env bash
# Checks everything but behaviour, goes on after a failure, and says of each what to run. `make verify` calls it,
# with ASSETS (the folder of kubectl) and MODULES (the folders of all go.mod files).
set -euo pipefail

tool() { go tool -modfile=hack/tools/go.mod "$@"; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failures=()

# check NAME REMEDY COMMAND... runs COMMAND and shows what it says when it fails.
check() {
  local name=$1 remedy=$2 start=$SECONDS
  shift 2
  if "$@" >"$tmp/output" 2>&1; then
    printf 'ok    %-16s %4ds' "$name" $((SECONDS - start))
    if [[ -s $tmp/note ]]; then printf '  %s' "$(<"$tmp/note")"; fi
    printf '\n'
  else
    printf 'FAIL  %-16s %4ds  %s\n' "$name" $((SECONDS - start)) "$remedy"
    sed 's/^/      /' "$tmp/output"
    failures+=("$name")
  fi
  rm -f "$tmp/note"
}

generated=(api config/crd config/rbac config/chart/files docs/api.md)

# What `make generate manifests` writes is compared with what was there, so that work in progress may be checked too.
generated_files() {
  rm -rf "$tmp/before" "$tmp/after"
  mkdir "$tmp/before" "$tmp/after"
  cp -r --parents "${generated[@]}" "$tmp/before" || return
  make --no-print-directory generate manifests || return
  cp -r --parents "${generated[@]}" "$tmp/after" || return
  diff -rNu "$tmp/before" "$tmp/after"
}

formatting() {
  local diff rc=0
  diff=$(tool golangci-lint fmt --diff) || rc=$? # what go says of downloads is no difference
  echo "$diff"
  [[ $rc -eq 0 && -z $diff ]]
}

linters() {
  local rc=0
  tool golangci-lint run || rc=1
  go -C hack/packaging vet ./... || rc=1
  return $rc
}

modules_tidy() {
  local module rc=0
  for module in $MODULES; do
    go -C "$module" mod tidy -diff || rc=1
  done
  return $rc
}

kustomizations() {
  local folder rc=0
  for folder in config/crd config/rbac config/manager config/prometheus config/default config/samples; do
    "$ASSETS/kubectl" kustomize "$folder" >/dev/null || { echo "in $folder"; rc=1; }
  done
  # A component patches what others have: here, Argo CD's ConfigMap.
  rm -rf "$tmp/argocd"
  mkdir "$tmp/argocd"
  cp -r config/argocd "$tmp/argocd/evenkeel"
  printf '%s\n' 'configMapGenerator: [{name: argocd-cm, namespace: argocd, literals: [url=x], options: {disableNameSuffixHash: true}}]' \
    'components: [evenkeel]' >"$tmp/argocd/kustomization.yaml"
  "$ASSETS/kubectl" kustomize "$tmp/argocd" | grep -c -e 'io_[A-Za-z]*: |' -e '^  url: x' | grep -qx 5 || { echo "in config/argocd"; rc=1; }
  return $rc
}

# govulncheck ends with 3 when it found something that the code calls.
vulnerabilities() {
  local rc=0
  tool govulncheck ./... >"$tmp/vulnerabilities" 2>&1 || rc=$?
  if [[ $rc -ne 0 && $rc -ne 3 ]] && grep -q -e 'fetching vulnerabilities' -e 'dial tcp' "$tmp/vulnerabilities"; then
    echo "NOT CHECKED: the vulnerability database cannot be reached from here" >"$tmp/note"
    return 0
  fi
  cat "$tmp/vulnerabilities"
  return $rc
}

echo "Verifying. The first run compiles the tools, which takes minutes."
check "generated files" "Run: make generate manifests, and commit what changed" generated_files
check "formatting" "Run: make fmt" formatting
check "linters" "Repair by hand, or some of it by: make lint-fix" linters
check "modules" "Run: make tidy" modules_tidy
check "kustomize" "Repair config/ until bin/k8s/kubectl kustomize renders it" kustomizations
check "vulnerabilities" "Update what the finding names; when it says something else, repair that" vulnerabilities

if [[ ${#failures[@]} -gt 0 ]]; then
  echo "make verify: ${#failures[@]} of 6 checks failed."
  exit 1
fi
echo "make verify: all checks passed."
