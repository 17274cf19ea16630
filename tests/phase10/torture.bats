# phase10/torture.sh, in short: chaos among files, links and clients.
#
# Judges: serve.

load ../support/judge

torture() # OPTION...
{
    has_option serve --log
    top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    BUILD=$(dirname "$TOOLS") run -0 timeout 280 "$top/phase10/torture.sh" \
        --bin "$BIN" --clients 8 "$@"
}

# bats test_tags=exotic
@test "twenty seconds of chaos cut no answer and leave nothing behind" {
    torture --only files --seconds 20
    [[ $output == *" 0 failures"* ]]
}

# bats test_tags=exotic
@test "links that are swapped while they are followed give no foreign byte" {
    torture --only links --links-seconds 3
    [[ $output == *" 0 failures"* ]]
}

# bats test_tags=interruptions
@test "SIGTERM under load cuts no answer" {
    torture --only stops --stops 5
    [[ $output == *"5 stops, "* ]]
}
