# phase10/torture.sh, for twenty seconds: chaos among files and clients.
#
# Judges: serve.

load ../support/judge

# bats test_tags=exotic
@test "twenty seconds of chaos cut no answer and leave nothing behind" {
    has_option serve --log
    top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    BUILD=$(dirname "$TOOLS") run -0 timeout 280 "$top/phase10/torture.sh" \
        --bin "$BIN" --seconds 20 --clients 8 --no-crowd
    [[ $output == *" 0 failures"* ]]
}
