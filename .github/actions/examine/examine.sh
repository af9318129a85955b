# Run `labkit examine` with the inputs of the action, which are in the environment.
set -euo pipefail

folder=$EXAMINE_FOLDER
arguments=(
    "$EXAMINE_URL"
    --scheme "$EXAMINE_SCHEME"
    --fail-on "$EXAMINE_FAIL_ON"
    --html "$folder/report.html"
    --json "$folder/report.json"
    --junit "$folder/report.xml"
    --sarif "$folder/report.sarif"
)
if [[ -n "$EXAMINE_EFFECTS_URL" ]]; then
    arguments+=(--effects-url "$EXAMINE_EFFECTS_URL")
fi
while IFS= read -r option; do
    if [[ -n "$option" ]]; then
        arguments+=("$option")
    fi
done <<<"$EXAMINE_OPTIONS"

status=0
report="${TMPDIR:-/tmp}/examination.txt"
labkit examine "${arguments[@]}" >"$report" || status=$?
cat "$report"
if [[ -n "${GITHUB_STEP_SUMMARY:-}" ]]; then
    {
        echo '```text'
        # The verdict first, then the findings without what could not be judged.
        tail -n 2 "$report"
        echo
        sed -e '/^UNKNOWN/,$d' -e '/^NOT APPLICABLE/,$d' "$report"
        echo '```'
    } >>"$GITHUB_STEP_SUMMARY"
fi
exit "$status"
