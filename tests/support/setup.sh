# Shared by run, test and bench: sourced, not run. Expects the current directory to be the source tree.

say() { printf '== %s\n' "$*" >&2; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "needs root (or sudo) for: $*"
    fi
}

is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }
is_known() { [ -n "$(apt-cache show --no-all-versions "$1" 2>/dev/null)" ]; }

# Lines of the named sections of the package lists.
package_lines() {
    local section
    for section in "$@"; do
        sed -n "/^\[$section\]/,/^\[/{/^\[/d;/^#/d;/^ *$/d;p}" tests/support/packages.txt
        if [ "$section" = test ] && [ -f tests/clients/packages.txt ]; then
            sed '/^#/d;/^ *$/d' tests/clients/packages.txt
        fi
    done | sort -u
}

# Prints the packages to install; fails when one has no name that apt knows.
missing_packages() {
    local line name chosen status=0
    while IFS= read -r line; do
        chosen=
        for name in ${line//|/ }; do
            if is_installed "$name" || is_known "$name"; then
                chosen=$name
                break
            fi
        done
        if [ -z "$chosen" ]; then
            status=1
        elif ! is_installed "$chosen"; then
            printf '%s\n' "$chosen"
        fi
    done < <(package_lines "$@")
    return $status
}

# need_packages SECTION...: installs what is missing, after saying so.
need_packages() {
    local missing
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        say "not a Debian system: install these by hand if the build asks for them:"
        package_lines "$@" | sed 's/^/   /' >&2
        return 0
    fi
    if ! missing=$(missing_packages "$@"); then
        say "refreshing the package lists: apt-get update"
        as_root apt-get update -qq </dev/null
        missing=$(missing_packages "$@") || say "this distribution lacks some of the packages; going on without"
    fi
    if [ -n "$missing" ]; then
        # shellcheck disable=SC2086 # a list of package names
        say "installing with apt-get:" $missing
        # shellcheck disable=SC2086
        if ! as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends $missing </dev/null >/dev/null; then
            as_root apt-get update -qq </dev/null
            # shellcheck disable=SC2086
            as_root env DEBIAN_FRONTEND=noninteractive \
                apt-get install -y -qq --no-install-recommends $missing </dev/null >/dev/null
        fi
    fi
}

# build PRESET [TARGET...]: configures and builds; all of it when no target is named.
build() {
    local preset=$1 started=$SECONDS
    shift
    mkdir -p "build/$preset"
    # Two builds in one folder would spoil it: the lock is held until the subshell ends.
    (
        flock 9
        say "building $preset"
        # shellcheck disable=SC2086 # a list of options
        cmake --preset "$preset" ${configure_options:-} >"build/$preset/configure.log" 2>&1 ||
            { cat "build/$preset/configure.log" >&2; die "configuring $preset failed"; }
        ninja -C "build/$preset" --quiet "$@"
    ) 9<"build/$preset" || die "building $preset failed"
    say "built $preset in $((SECONDS - started)) s"
}
