# steady.bash: files of the kernel that change, compared with a copy, for bats.

# FILE COPY COMMAND...: COMMAND copies FILE to COPY. Repeats it while FILE is
# not the same before and after: modules come and go, /proc/kallsyms with them.
copies_steady()
{
    local file=$1 copy=$2 deadline=$((SECONDS + 60))
    shift 2
    while :; do
        cat "$file" >steady.before
        "$@"
        cat "$file" >steady.after
        ! cmp -s steady.before steady.after || break
        [ "$SECONDS" -lt "$deadline" ] || {
            echo "$file keeps changing"
            return 1
        }
    done
    cmp steady.before "$copy"
}
