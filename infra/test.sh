#!/usr/bin/env bash
# The whole test run, stage by stage, with the seconds each one took. `make test` and CI run this and nothing else.
#
# Every cargo stage selects the whole workspace: cargo unifies features over the packages it is given, so a stage
# that named a single package would compile the SDK a second time. The local stack runs the binaries of this profile.
set -euo pipefail
cd "$(dirname "$0")/.."

CARGO=${CARGO:-cargo}
report=()

stage() {
  local name=$1 started=$SECONDS
  shift
  printf '\n==> %s\n' "$name"
  if ! "$@"; then
    summary
    printf '%-12s failed after %d s\n' "$name" $((SECONDS - started))
    exit 1
  fi
  report+=("$(printf '%-12s %5d s' "$name" $((SECONDS - started)))")
}

summary() {
  printf '\n'
  # An array that is still empty counts as unset in bash before 4.4.
  [ ${#report[@]} -eq 0 ] || printf '%s\n' "${report[@]}"
}

# `set -e` does not hold inside a stage, whose status is tested: hence the explicit returns.
template() {
  .venv/bin/cfn-lint template.yaml || return
  echo "cfn-lint: template.yaml is clean"
  # A second opinion where the SAM command is there anyway.
  if [ -x .venv/package/bin/sam ]; then
    SAM_CLI_TELEMETRY=0 AWS_REGION=us-east-1 .venv/package/bin/sam validate --lint || return
  fi
}

stage venv make --no-print-directory .venv/tests-ready
stage template template
stage scripts python3 -m unittest discover -s infra/prove
stage fmt "$CARGO" fmt --all --check
stage clippy "$CARGO" clippy --locked --workspace --all-targets -- -D warnings
stage build "$CARGO" build --locked --workspace --all-targets
stage unit "$CARGO" test --locked --workspace --lib --bins
stage integration "$CARGO" test --locked --workspace --test '*'
summary
printf '%-12s %5d s\n' all $SECONDS
