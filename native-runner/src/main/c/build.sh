#!/bin/sh
# Compiles the executor, monitor and command line into one static program: build.sh OUTPUT [FLAG...]
set -eu
here=$(dirname "$0")
output=$1
shift
compiler=${CC:-cc}
command -v "$compiler" >/dev/null 2>&1 || {
  echo "no C compiler '$compiler': install one, for example with apt-get install gcc libc6-dev" >&2
  exit 2
}
# Up to date: the build runs often, the sources change seldom.
if [ -x "$output" ] && [ -z "$(find "$here" -newer "$output" -type f)" ]; then exit 0; fi
mkdir -p "$(dirname "$output")"
"$compiler" -std=gnu17 -D_GNU_SOURCE -O2 -Wall -Wextra -Wshadow -Werror -Wno-missing-field-initializers -Wno-format-truncation \
  -ffunction-sections -fdata-sections -Wl,--gc-sections -static -s "$@" -o "$output.new" "$here"/*.c
mv "$output.new" "$output"
