# adversity.bash: what the .bats files share that run $TOOLS/adversary.

# Waits of a fault's test are multiples of --bound-ms. Many faults are found at
# once, some of them by waiting.
FAULTS_AT_ONCE=4

need_adversary()
{
    adversary=$TOOLS/adversary
    faulty=$TOOLS/faulty-server
    [ -x "$adversary" ] || skip "adversary is not built: ninja test-phase8"
    # The memory that AddressSanitizer does not reuse is not a leak.
    export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=1
}

# SCHEME ATTACK,... COMMAND...: the server survives the attacks. The bound is
# long: the machine may be busy.
survives()
{
    local scheme=$1 names=() name large=()
    [ "$scheme" = tcp ] || large=(--large /large)
    for name in ${2//,/ }; do
        names+=(--attack "$name")
    done
    shift 2
    run -0 --separate-stderr timeout 280 "$adversary" "--$scheme" "$AT" \
        --peers 60 --seconds 1 --bound-ms 30000 "${large[@]}" \
        "${names[@]}" -- "$@"
    [[ $output != *skipped* ]]
}

# SCHEME FAULT ATTACK MESSAGE: the attack finds the fault, and names it. Prints
# a line if it does not.
#
# With a short bound, a server that waits for a processor has the fault that it
# answers late, and that comes first. So the attack is repeated with longer ones.
finds()
{
    local scheme=$1 fault=$2 attack=$3 message=$4 out bound_ms code
    local options=(--fault "$fault") large=() peers=60

    if [ "$scheme" = http ]; then
        options+=(--http)
        large=(--large /large)
    fi
    [ "$attack" != never-reader ] || peers=20 # 1 MiB for each is no fault
    for bound_ms in 400 1600 6400; do
        code=0
        out=$(timeout 90 "$adversary" "--$scheme" 127.0.0.1:0 --peers $peers \
            --seconds 1 --bound-ms $bound_ms "${large[@]}" --attack "$attack" \
            -- "$faulty" --port '{port}' "${options[@]}" 2>&1 3>&-) || code=$?
        [ "$code" -ne 1 ] || [[ $out != *FAILED*"$attack"*"$message"* ]] || return 0
    done
    echo "$scheme $fault: exit code $code: $out"
}

# Reads lines "FAULT ATTACK MESSAGE" on stdin. Each must be found.
finds_each() # SCHEME
{
    local fault attack message running=0
    while read -r fault attack message; do
        if [ "$running" -eq "$FAULTS_AT_ONCE" ]; then
            wait -n || true
            running=$((running - 1))
        fi
        finds "$1" "$fault" "$attack" "$message" >>"$BATS_TEST_TMPDIR/missed" &
        running=$((running + 1))
    done
    wait
    cat "$BATS_TEST_TMPDIR/missed"
    [ ! -s "$BATS_TEST_TMPDIR/missed" ]
}
