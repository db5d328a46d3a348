#!/usr/bin/env bash
# Runs all specs and tests, in random order and on two cores at most. `make test` calls it.
# PACKAGES (./...) and FOCUS (a regular expression on the names of specs and tests) narrow the run;
# MODULES are the folders of all go.mod files, whose tests are run too; SOAK is how long everything goes wrong in the soak.
set -euo pipefail

packages=${PACKAGES:-./...}
# What tests keep is little, and what they allocate much: rarer garbage collections save a tenth of their time, and of
# that of the API server that the stories start. Compilers, which keep a lot, get it only for the stories. `make verify` vets.
frugal=(env "GOGC=${GOGC:-400}")
flags=(-p 2 -timeout 30m -vet=off -exec "${frugal[*]}") race=()
# The race detector needs a C compiler.
if command -v "$(go env CC)" >/dev/null; then
  export CGO_ENABLED=1
  race=(-race)
else
  echo "There is no C compiler: the tests run without the race detector."
fi

# In CI the random choices of a commit are always the same, so that a run that fails can be run again; another commit
# explores others.
tree=$(git rev-parse 'HEAD^{tree}' 2>/dev/null || echo 1)
seed=$((16#${tree:0:7}))

# Ginkgo's suites take flags that other tests do not know; and the stories, which mostly wait, run in processes beside
# each other.
suites=() worlds=() others=() stories=
while read -r package dir imports; do
  if [[ $package == */controllers ]]; then
    stories=$package
  elif [[ $package == */controllers/* && -e $dir/world_test.go ]]; then
    worlds+=("$package")
  elif [[ " $imports " == *" github.com/onsi/ginkgo/v2 "* ]]; then
    suites+=("$package")
  else
    others+=("$package")
  fi
done < <(go list -f '{{.ImportPath}} {{.Dir}} {{join .TestImports " "}} {{join .XTestImports " "}}' $packages)

failed=0 soak=
if [[ $packages == ./... && -z ${FOCUS:-} ]]; then
  echo "Building the soak, which then runs beside the other tests: minutes when nothing is cached."
  # The soak mostly waits, so it runs beside what is not bound to time. Its controllers and its AWS, which meet everything
  # concurrently, are under the race detector.
  work=$(mktemp -d)
  trap 'rm -rf "$work"; [[ -z $soak ]] || kill "$soak" 2>/dev/null || true' EXIT
  go build "${race[@]}" -o "$work/manager" .
  go build "${race[@]}" -o "$work/soak" ./hack/soak
  "$work/soak" -manager="$work/manager" -duration="${SOAK:-2m}" ${CI:+-seed="$seed"} >"$work/soak.log" 2>&1 &
  soak=$!
fi
if [[ ${#others[@]} -gt 0 ]]; then
  go test "${flags[@]}" "${race[@]}" -shuffle=on ${FOCUS:+-run "$FOCUS"} "${others[@]}" || failed=1
fi
ginkgo=(randomize-all timeout=30m)
[[ -t 1 ]] || ginkgo+=(no-color)
[[ -z ${CI:-} ]] || ginkgo+=("seed=$seed")
# In CI a spec that fails is tried once more, and told as flaked when it then passes: the stories run in real time
# against real processes, on a machine whose other load is unknown. By hand a failure is a failure.
[[ -z ${CI:-} ]] || ginkgo+=(flake-attempts=2)
[[ -z ${FOCUS:-} ]] || ginkgo+=("focus=$FOCUS")
if [[ ${#suites[@]} -gt 0 ]]; then
  go test "${flags[@]}" "${race[@]}" "${suites[@]}" "${ginkgo[@]/#/-ginkgo.}" || failed=1
fi
if [[ ${#worlds[@]} -gt 0 ]]; then
  # Worlds whose controllers are turned by hand: one goroutine plays thousands of turns, which the race detector would
  # make five times as long. They, and the stories, are compiled as everything else but tests is, so that in a fresh clone
  # nothing is compiled a third time.
  CGO_ENABLED=0 go test "${flags[@]}" "${worlds[@]}" "${ginkgo[@]/#/-ginkgo.}" || failed=1
fi
if [[ -n $soak ]]; then
  wait "$soak" || failed=1
  cat "$work/soak.log"
  soak=
fi
if [[ -n $stories ]]; then
  # The version is the one that go.mod requires. A failed spec is told where it fails, and once more at the end.
  CGO_ENABLED=0 "${frugal[@]}" go run github.com/onsi/ginkgo/v2/ginkgo -p --procs=7 "${ginkgo[@]/#/--}" "$(go list -f '{{.Dir}}' "$stories")" || failed=1
fi
if [[ $packages == ./... ]]; then
  # They read files outside their module, which the test cache does not see; and have nothing that runs concurrently.
  for module in $MODULES; do
    if [[ $module != . && -n $(find "$module" -name '*_test.go') ]]; then
      CGO_ENABLED=0 go test -C "$module" "${flags[@]}" -count=1 ./... || failed=1
    fi
  done
fi
exit $failed
