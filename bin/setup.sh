# What bin/hearth and bin/test share: find or install what the machine lacks, and build. Sourced, not run.
# Everything is said on stderr; nothing is installed on a terminal without a yes.

say() { printf '%s\n' "hearth: $*" >&2; }
die() { say "$*"; exit 1; }

# install_packages WHY PACKAGE...: from the distribution, asking first on a terminal.
install_packages() {
    local why=$1 answer=y sudo= log
    shift
    command -v apt-get >/dev/null || die "$why; install it with this system's package manager ($* on Debian) and try again"
    [ "$(id -u)" = 0 ] || sudo="sudo -n"
    if [ -t 0 ] && [ -t 2 ]; then
        read -r -p "hearth: $why. Install $* with apt-get? [Y/n] " answer </dev/tty
        case $answer in '' | y* | Y*) ;; *) die "$why; run: apt-get install $*" ;; esac
    else
        say "$why: installing $* with apt-get"
    fi
    log=$(mktemp)
    if ! { $sudo apt-get update -q && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -q --no-install-recommends "$@"; } >"$log" 2>&1; then
        tail -3 "$log" >&2
        rm -f "$log"
        die "$why, and apt-get could not install it; run as root: apt-get install $*"
    fi
    rm -f "$log"
}

# java_release JAVA: its feature release, such as 17, from its release file; asking the JVM itself would cost 100 ms.
java_release() {
    if [ -r "${1%/bin/java}/release" ]; then
        sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "${1%/bin/java}/release"
    else
        "$1" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -1
    fi
}

# find_java NEED: sets JAVA to a Java of release 17 or newer; NEED is runtime or compiler.
find_java() {
    local candidate release
    for candidate in ${JAVA_HOME:+"$JAVA_HOME/bin/java"} "$(command -v java || true)" /usr/lib/jvm/*/bin/java; do
        [ -x "$candidate" ] || continue
        candidate=$(readlink -f "$candidate")
        [ "$1" = runtime ] || [ -x "${candidate%java}javac" ] || continue
        release=$(java_release "$candidate")
        if [ "${release:-0}" -ge 17 ]; then
            JAVA=$candidate
            return 0
        fi
    done
    return 1
}

need_java() {
    find_java "$1" && return
    local package=openjdk-17-jdk-headless
    [ "$1" = compiler ] || package=openjdk-17-jre-headless
    install_packages "no Java 17 or newer was found" "$package"
    find_java "$1" || die "no Java 17 or newer was found after installing $package; set JAVA_HOME"
}

have_libfuse() { [[ $(ldconfig -p 2>/dev/null || /sbin/ldconfig -p) == *libfuse.so.2* ]]; }

need_libfuse() {
    have_libfuse && return
    local package=libfuse2
    apt-cache show libfuse2t64 >/dev/null 2>&1 && package=libfuse2t64
    install_packages "libfuse 2 is missing (the transport jnr-fuse needs it)" "$package"
}

# fusermount3 mounts for those who are not root; a machine without apt-get does without, and its test says so.
want_fusermount() {
    command -v fusermount3 >/dev/null || ! command -v apt-get >/dev/null ||
        (install_packages "fusermount3 is missing (tests of mounts without root need it)" fuse3) || true
}

# archive_of DIST ROLE: the class-data archive (docs/decisions/0015) that fits this JAVA and this DIST, nothing otherwise.
archive_of() {
    local archive=$1/cds/$2.jsa made_by=
    [ -r "$archive" ] && [ -r "$archive.for" ] || return 0
    { read -r made_by <"$archive.for"; } 2>/dev/null || return 0
    [ "$made_by" = "$JAVA $1" ] && [ "$archive" -nt "$1/classpath/client" ] || return 0
    [ "${JAVA%/bin/java}/release" -nt "$archive" ] || printf '%s' "$archive"
}

# progress LOG: turns Maven's output into one bar on a terminal, a line per module off it; keeps the log.
progress() {
    local log=$1 line module count start=$SECONDS
    while IFS= read -r line; do
        printf '%s\n' "$line" >>"$log"
        case $line in
            *'Building Hearth '*'['*/*']'*)
                module=${line#*Building Hearth }
                count=${module##*[}
                count=${count%]*}
                module=${module%% [0-9]*}
                [ "$module" != "${module#[0-9]}" ] && module=parent
                if [ -t 2 ]; then
                    local done=${count%/*} all=${count#*/} width=24 filled
                    filled=$((done * width / all))
                    printf '\r\033[Khearth: building [%s%s] %s %s (%d s)' "$(printf '%*s' "$filled" '' | tr ' ' '#')" \
                        "$(printf '%*s' $((width - filled)) '')" "$count" "$module" $((SECONDS - start)) >&2
                else
                    say "building $module ($count)"
                fi
                ;;
        esac
    done
    [ ! -t 2 ] || printf '\r\033[K' >&2
}

# maven ROOT ARGUMENTS...: the system's Maven, else the wrapper.
maven() {
    local root=$1
    shift
    if command -v mvn >/dev/null; then
        JAVA_HOME=${JAVA%/bin/java} mvn -B -f "$root/pom.xml" "$@"
    else
        (cd "$root" && JAVA_HOME=${JAVA%/bin/java} ./mvnw -B "$@")
    fi
}

# build_if_needed ROOT: makes ROOT/launcher/target/dist unless it is newer than every source.
build_if_needed() {
    local root=$1 stamp=$1/launcher/target/dist/.built log
    if [ -f "$stamp" ] && [ -z "$(find "$root/pom.xml" "$root"/*/pom.xml "$root"/*/src/main -newer "$stamp" -print -quit 2>/dev/null)" ]; then
        return
    fi
    need_java compiler
    mkdir -p "$root/launcher/target"
    exec 7>"$root/launcher/target/.build.lock"
    flock 7
    log=$(mktemp)
    say "building (first use of this source tree; one to four minutes, less the next time)"
    if ! maven "$root" -DskipTests -pl '!jmh,!bench/harness' package 2>&1 | progress "$log" || ! tail -30 "$log" | grep -q 'BUILD SUCCESS'; then
        grep -E 'ERROR|error:' "$log" | head -5 >&2
        die "the build failed; its log is $log"
    fi
    rm -f "$log"
    exec 7>&-
}
