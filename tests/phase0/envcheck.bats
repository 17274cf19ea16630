# envcheck, as people and machines see it: what it prints, where, and how it
# exits, on this machine and on machines that are worse off.
#
# Judges: envcheck.

load ../support/judge

setup()
{
    cd "$BATS_TEST_TMPDIR" || return
    PATH=$TOOLS:$PATH # deny, json-check
    # LeakSanitizer cannot look where strace looks already.
    TRACED="env ASAN_OPTIONS=detect_leaks=0 strace -o trace"
}

envcheck()
{
    "$BIN/envcheck" "$@"
}

# TEXT: the report on stdout, or what was said on stderr, has it.
said()
{
    case $output in *"$1"*) return ;; esac
    echo "not in the output: $1"
    echo "$output"
    return 1
}

complained()
{
    # shellcheck disable=SC2154 # bats sets it
    case $stderr in *"$1"*) return ;; esac
    echo "not on stderr: $1"
    echo "$stderr"
    return 1
}

# ID: the cause that the JSON of the last run gives; none for null.
cause_is()
{
    printf '%s\n' "$output" | json-check
    case $output in
    *'"cause":{"id":"'"$1"'"'*) return ;;
    *'"cause":null'*) [ "$1" = none ] && return ;;
    esac
    echo "not the cause $1: $output"
    return 1
}

needs()
{
    command -v "$1" >/dev/null || skip "$1 is not installed"
}

# The kernel counts the locked memory of all processes of a user. Each test
# becomes a different user, so that the rings of no other suite count.
needs_another_user()
{
    needs setpriv
    [ "$(id -u)" -eq 0 ] || skip "needs root, to become another user"
    another true 2>/dev/null || skip "no other user in this container"
    chmod 777 . # it looks at the directory where it is run
}

another()
{
    local id=$((20000 + $$ % 30000))
    as_another=(setpriv --reuid $id --regid $id --clear-groups)
    "${as_another[@]}" -- "$@"
}

needs_mounts()
{
    [ "$(id -u)" -eq 0 ] || skip "needs root, for a mount of its own"
    unshare -m true 2>/dev/null || skip "this container may not mount"
}

# [FILE TEXT]... -- COMMAND: runs it where FILE, which exists, contains TEXT.
# Nobody else sees it: the mounts are this command's own.
pretending()
{
    # shellcheck disable=SC2016 # expanded inside
    unshare -m sh -c '
        while [ "$1" != -- ]; do
            text=$(mktemp)
            printf "%s" "$2" >"$text"
            mount --bind "$text" "$1" || exit 99
            shift 2
        done
        shift
        exec "$@"' sh "$@"
}

@test "the last line reports that the machine has io_uring" {
    run --separate-stderr envcheck
    [ "$status" -eq 0 ] || [ "$status" -eq 1 ]
    [ "${lines[-1]}" = "io_uring works!" ]
    [ -z "$stderr" ]
}

@test "the report names the machine and the kernel" {
    run envcheck
    said "kernel        Linux $(uname -r) $(uname -m)"
    said "open files    $(ulimit -n)"
    said "liburing"
    printf '%s\n' "$output" | grep -Eq '^  (yes|no ) +56  BIND +6\.11'
    printf '%s\n' "$output" | grep -Eq '^  yes +0  NOP +5\.1 '
    printf '%s\n' "$output" | grep -Eq '^  (yes|no ) +13  DEFER_TASKRUN +6\.1 '
    printf '%s\n' "$output" | grep -Eq '^  (yes|no ) +[0-9]+  buffer ring +5\.19'
}

@test "envcheck exits with 1 if and only if a phase lacks a feature" {
    run envcheck
    if [ "$status" -eq 1 ]; then
        said "goes without"
    else
        exits 0
        said "every phase runs in full"
    fi
}

@test "the json is strict and agrees with the text" {
    run envcheck --json
    code=$status
    cause_is none
    said '"exit":'"$code"
    said '"usable":true'
    said '"init":{"result":0,"name":"0"}'
    [ "${#lines[@]}" -eq 1 ]
}

@test "json counts the same things as the text" {
    # Exit code 1: a phase goes without a feature.
    envcheck >text || [ $? -eq 1 ]
    envcheck --json >json || [ $? -eq 1 ]
    in_text=$(grep -Ec '^  (yes|no ) ' text)
    in_json=$(grep -o '"kind":' json | wc -l)
    [ "$in_text" -eq "$in_json" ]
    [ "$in_text" -gt 100 ]
}

# bats test_tags=manners
@test "help and version go to stdout and exit 0" {
    run --separate-stderr envcheck --help
    exits 0
    said "Usage: envcheck"
    [ -z "$stderr" ]
    run --separate-stderr envcheck --version
    exits 0
    [ "$output" = "envcheck (one-ring) 0.1" ]
}

# bats test_tags=errors
@test "an unknown option and an argument are usage errors" {
    run --separate-stderr envcheck --nonsense
    exits 2
    complained "envcheck: --nonsense: unknown option; see --help"
    run --separate-stderr envcheck file
    exits 2
    complained "unexpected argument 'file'; see --help"
    [ -z "$output" ]
}

# bats test_tags=errors
@test "a report that cannot be written is a failure" {
    run --separate-stderr sh -c '"$BIN/envcheck" >/dev/full'
    exits 2
    complained "No space left on device (ENOSPC)"
    run --separate-stderr sh -c '"$BIN/envcheck" --json >&-'
    exits 2
    for option in --help --version; do
        run --separate-stderr sh -c '"$BIN/envcheck" "$0" >/dev/full' $option
        exits 2
        complained "No space left on device (ENOSPC)"
    done
}

# bats test_tags=errors
@test "a limit on the size of files is reported, and kills no process" {
    run bash -c '{ ulimit -f 0; "$BIN/envcheck" 2>&1; } | cat
        exit "${PIPESTATUS[0]}"'
    [ "$status" -le 1 ]
    said "reflink: File too large"
    # Bats keeps what is said in files, too: cat, which has no limit, writes it.
    run bash -c '{ ulimit -f 0; "$BIN/envcheck" 2>&1 >report; } | cat
        exit "${PIPESTATUS[0]}"'
    exits 2
    said "File too large (EFBIG)"
}

# bats test_tags=errors
@test "a filter with EPERM, as under Docker, is distinguished" {
    run --separate-stderr deny --all EPERM -- "$BIN/envcheck"
    exits 2
    complained "io_uring init failed: -1"
    complained "cause: a seccomp filter returns EPERM"
    complained "docker run --security-opt seccomp="
    complained 'security_opt: ["seccomp='
    complained '"runArgs": ["--security-opt", "seccomp='
    said "seccomp       filter"
    run deny --all EPERM -- "$BIN/envcheck" --json
    cause_is seccomp-eperm
}

# bats test_tags=errors
@test "a filter with ENOSYS, as under Podman, is not an old kernel" {
    run --separate-stderr deny --all ENOSYS -- "$BIN/envcheck"
    exits 2
    complained "io_uring init failed: -38"
    complained "cause: a seccomp filter returns ENOSYS"
    complained "podman run --security-opt seccomp="
    run deny --all ENOSYS -- "$BIN/envcheck" --json
    cause_is seccomp-enosys
}

# bats test_tags=errors
@test "a filter with another errno is not a security module" {
    run deny --all EACCES -- "$BIN/envcheck" --json
    exits 2
    cause_is seccomp-other
}

# bats test_tags=errors
@test "a filter on set-up alone is named" {
    run deny --setup EPERM -- "$BIN/envcheck" --json
    exits 2
    cause_is seccomp-setup
}

# bats test_tags=errors
@test "a filter that kills does not kill envcheck" {
    run --separate-stderr deny --all KILL -- "$BIN/envcheck"
    exits 2
    complained "SIGSYS"
    complained "systemd"
    run deny --enter KILL -- "$BIN/envcheck" --json
    exits 2
    cause_is seccomp-kill
}

# bats test_tags=errors
@test "a filter on register alone leaves a ring, and what is missing is named" {
    run --separate-stderr deny --register EPERM -- "$BIN/envcheck"
    exits 1
    said "io_uring works!"
    said "phase 8 goes without trial buffer ring (Linux 5.19)"
    said "(EPERM)"
    complained "cause: a seccomp filter refuses io_uring_register"
    run deny --register EPERM -- "$BIN/envcheck" --json
    exits 1
    cause_is seccomp-register
}

# bats test_tags=errors
@test "the sysctl is not a filter, for all and for users" {
    needs_mounts
    needs setpriv
    knob=/proc/sys/kernel/io_uring_disabled
    [ -e $knob ] || skip "this kernel has no such sysctl (Linux 6.6)"
    run pretending $knob 2 -- deny --setup EPERM -- "$BIN/envcheck" --json
    exits 2
    cause_is disabled-2
    # 1 is not for root: whoever refuses it, it was not the sysctl.
    run pretending $knob 1 -- deny --setup EPERM -- "$BIN/envcheck" --json
    exits 2
    cause_is seccomp-setup
    run pretending $knob 1 -- \
        setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin -- \
        deny --setup EPERM -- "$BIN/envcheck" --json
    exits 2
    cause_is disabled-1
    run --separate-stderr pretending $knob 2 -- \
        deny --setup EPERM -- "$BIN/envcheck"
    complained "sudo sysctl kernel.io_uring_disabled=0"
}

# bats test_tags=errors
@test "the sysctl is named as the next obstacle after a filter" {
    needs_mounts
    knob=/proc/sys/kernel/io_uring_disabled
    [ -e $knob ] || skip "this kernel has no such sysctl (Linux 6.6)"
    run --separate-stderr pretending $knob 2 -- \
        deny --all EPERM -- "$BIN/envcheck"
    exits 2
    complained "cause: a seccomp filter returns EPERM"
    complained "and after that: kernel.io_uring_disabled is 2"
}

# bats test_tags=errors
@test "a kernel without io_uring is not a filter" {
    needs_mounts
    knob=/proc/sys/kernel/io_uring_disabled
    [ -e $knob ] || knob=/proc/sys/kernel/ostype # nothing to hide
    symbols="0000000000000000 W __x64_sys_io_uring_setup"
    run pretending $knob "" /proc/kallsyms "$symbols" -- \
        deny --all ENOSYS -- "$BIN/envcheck" --json
    exits 2
    cause_is no-io_uring
}

# bats test_tags=errors
@test "the sysctl alone proves that a kernel has io_uring" {
    needs_mounts
    [ -e /proc/sys/kernel/io_uring_disabled ] ||
        skip "this kernel has no such sysctl (Linux 6.6)"
    run pretending /proc/kallsyms "" -- \
        deny --all ENOSYS -- "$BIN/envcheck" --json
    cause_is seccomp-enosys
}

# bats test_tags=errors
@test "the kernels of WSL and gVisor are named" {
    needs_mounts
    knob=/proc/sys/kernel/io_uring_disabled
    [ -e $knob ] || knob=/proc/sys/kernel/ostype
    as_if() # VERSION
    {
        pretending $knob "" /proc/kallsyms "" /proc/version "$1" -- \
            deny --all ENOSYS -- "$BIN/envcheck" --json
    }
    run as_if "Linux version 5.10.16.3-microsoft-standard-WSL2 (me) #1"
    cause_is no-io_uring-wsl
    run as_if "Linux version 4.4.0-19041-Microsoft (me) #1"
    cause_is wsl-1
    run as_if "Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016"
    cause_is gvisor
}

# bats test_tags=errors
@test "a sandbox that hides everything is not guessed about" {
    needs_mounts
    needs_another_user
    knob=/proc/sys/kernel/io_uring_disabled
    [ -e $knob ] || knob=/proc/sys/kernel/ostype
    # What root pretends with is root's own to read.
    run pretending $knob "" /proc/kallsyms "" -- \
        "${as_another[@]}" -- deny --all ENOSYS -- "$BIN/envcheck" --json
    exits 2
    cause_is enosys-unknown
}

# bats test_tags=errors
@test "too little locked memory is reported with the limit" {
    needs_another_user
    run --separate-stderr another sh -c 'ulimit -l 0 && exec "$BIN/envcheck"'
    [ "$status" -eq 2 ] || skip "this kernel does not charge rings"
    complained "io_uring init failed: -12"
    complained "RLIMIT_MEMLOCK is too small"
    complained "ulimit -l"
    complained "--ulimit memlock=-1"
    said "memlock       0 KiB"
}

# bats test_tags=errors
@test "locked memory for rings but not for buffers is no refusal" {
    needs_another_user
    run --separate-stderr another sh -c 'ulimit -l 64 && exec "$BIN/envcheck"'
    exits 1
    said "io_uring works!"
    said "phase 2 goes without trial registered buffer of 1 MiB"
    said "(ENOMEM)"
    # Nothing else: the trials wait for the memory of those before.
    [ "$(printf '%s\n' "$output" | grep -c ENOMEM)" -eq 1 ]
}

# The limit has room for a few rings, so the kernel may refuse a ring until it
# has freed the memory of an earlier one.
# bats test_tags=errors
@test "a small limit on locked memory hides no opcode and no feature" {
    needs_another_user
    "$BIN/envcheck" >whole || [ $? -eq 1 ]
    for _ in 1 2; do
        run --separate-stderr another sh -c 'ulimit -l 16 && exec "$BIN/envcheck"'
        # Older kernels charge more for a ring.
        [ "$status" -ne 2 ] || skip "16 KiB are not enough for a ring"
        diff <(grep -E 'goes without (opcode|feature)' whole) \
            <(grep -E 'goes without (opcode|feature)' <<<"$output")
    done
}

@test "an ordinary user runs every phase that root does" {
    needs_another_user
    as_root=0 as_user=0
    envcheck >/dev/null || as_root=$?
    another sh -c 'exec "$BIN/envcheck"' >/dev/null || as_user=$?
    [ "$as_root" -eq "$as_user" ]
}

# bats test_tags=errors
@test "limits and modules are distinguished by the errno of set-up" {
    needs strace
    refused_with() # ERRNO
    {
        $TRACED -e inject=io_uring_setup:error="$1" "$BIN/envcheck" --json
    }
    # Strace is no filter: where one is at work already, EPERM is its own.
    for pair in EMFILE:nofile ENFILE:file-max EACCES:lsm EIO:unknown; do
        run refused_with "${pair%%:*}"
        exits 2
        cause_is "${pair##*:}"
    done
}

# bats test_tags=errors
@test "a ring of one entry that is granted is not enough" {
    needs strace
    # The third set-up is the first with liburing: a ring of 32.
    run $TRACED -e inject=io_uring_setup:error=EMFILE:when=3+ \
        "$BIN/envcheck" --json
    exits 2
    cause_is nofile
}

# bats test_tags=errors
@test "any one registration may fail" {
    needs strace
    $TRACED -e trace=io_uring_register "$BIN/envcheck" >/dev/null || true
    count=$(grep -c '^io_uring_register' trace)
    [ "$count" -ge 5 ]
    for n in $(seq "$count"); do
        run $TRACED -e inject=io_uring_register:error=ENOMEM:when="$n" \
            "$BIN/envcheck" --json
        [ "$status" -le 1 ]
        printf '%s\n' "$output" | json-check
    done
}

@test "every ring that was made is closed" {
    needs strace
    $TRACED -e trace=io_uring_setup,close "$BIN/envcheck" >/dev/null || true
    made=$(grep -Ec '^io_uring_setup.* = [0-9]+$' trace)
    [ "$made" -gt 10 ]
    # A ring's descriptor is the answer; it is closed before it is given again.
    awk '/^io_uring_setup/ && $NF ~ /^[0-9]+$/ {
             if ($NF in open) exit 1
             open[$NF] = 1 }
         /^close\(/ { split($0, part, /[()]/); delete open[part[2]] }
         END { for (fd in open) exit 1 }' trace
}

@test "no file is left in the directory that was probed" {
    mkdir here && cd here
    envcheck >/dev/null || [ $? -eq 1 ]
    [ -z "$(ls -A)" ]
}

# bats test_tags=errors
@test "a directory that cannot be written to is not an error" {
    needs_another_user
    mkdir shut && chmod 555 shut && cd shut
    run another sh -c 'exec "$BIN/envcheck"'
    [ "$status" -le 1 ]
    said "write: Permission denied"
}

# LANGUAGE: the block of docs/containers.md in that language.
block()
{
    awk -v start="\`\`\`$1" '$0 == "```" { is_in = 0 }
        is_in { print }
        $0 == start { is_in = 1 }' "$BATS_TEST_DIRNAME/../../docs/containers.md"
}

# bats test_tags=manners
@test "the container files are as the page shows them, and name existing files" {
    cd "$BATS_TEST_DIRNAME/../.."
    block dockerfile | diff - Dockerfile
    block yaml | diff - compose.yaml
    block json | diff - .devcontainer/devcontainer.json
    json-check <.devcontainer/devcontainer.json
    # What the Dockerfile copies is there, and .dockerignore lets it pass.
    copied=$(sed -n 's/^COPY \([^ ]*\) .*/\1/p' Dockerfile)
    [ -x "$copied" ]
    grep -qx "!$copied" .dockerignore
    [ -f ".devcontainer/$(sed -n 's/.*"dockerfile": "\([^"]*\)".*/\1/p' \
        .devcontainer/devcontainer.json)" ]
    for file in compose.yaml .devcontainer/devcontainer.json; do
        profile=$(sed -n 's/.*seccomp=[^"]*\(docs[^"]*\)".*/\1/p' $file)
        [ -f "$profile" ]
    done
    if command -v python3 >/dev/null && python3 -c "import yaml" 2>/dev/null; then
        python3 -c "import sys, yaml
service = yaml.safe_load(sys.stdin)['services']['dev']
assert service['build'] == '.' and service['volumes'] == ['.:/src']
assert service['ulimits'] == {'memlock': -1, 'nofile': 20000}" <compose.yaml
    fi
}

# bats test_tags=manners
@test "the shipped profile is json and denies none of the three calls" {
    profile=$BATS_TEST_DIRNAME/../../docs/seccomp.json
    json-check <"$profile"
    grep -q '"defaultAction": "SCMP_ACT_ALLOW"' "$profile"
    run ! grep -q io_uring "$profile"
    # The tool that loads it reads the names only: this is the only answer.
    [ "$(grep -c '"names"' "$profile")" -eq "$(grep -c '"errnoRet": 1$' "$profile")" ]
    # What a container must not do stays refused.
    for name in mount ptrace init_module kexec_load bpf; do
        grep -q "\"$name\"" "$profile"
    done
}

@test "under the shipped profile envcheck reports what it reports without it" {
    profile=$BATS_TEST_DIRNAME/../../docs/seccomp.json
    # LeakSanitizer traces the process, which the profile refuses.
    export ASAN_OPTIONS=detect_leaks=0
    run --separate-stderr envcheck
    before=$status/$(sed '/^seccomp /d' <<<"$output")
    run --separate-stderr profile "$profile" -- "$BIN/envcheck"
    [ "$status/$(sed '/^seccomp /d' <<<"$output")" = "$before" ]
    said "seccomp       filter"
    # Names that this architecture lacks: a wrong name would be one more.
    printf '%s\n' "$stderr" | sed -n 's/^profile: not here: //p' >lacking
    for name in $(cat lacking); do
        case $name in
        umount | stime | clock_adjtime64 | clock_settime64 | ioperm | iopl) ;;
        nfsservctl | uselib | lookup_dcookie) ;;
        *) echo "no such call: $name" && return 1 ;;
        esac
    done
}

@test "the shipped profile refuses to trace another process" {
    needs strace
    strace -o trace true || skip "strace does not work here"
    run profile "$BATS_TEST_DIRNAME/../../docs/seccomp.json" -- strace -o trace true
    [ "$status" -ne 0 ]
    [[ "$output" = *"Operation not permitted"* ]]
}
