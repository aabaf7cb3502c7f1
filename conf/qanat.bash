# Bash completion for qanat: the commands come from `qanat --help` itself, so they are always those of the installed version.
_qanat() {
    local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} commands options
    commands=$(qanat --help 2>/dev/null | sed -n 's/^  \([a-z]\+\( [a-z]\+\)\?\)  .*/\1/p')
    case $previous in
    --dir) mapfile -t COMPREPLY < <(compgen -d -- "$word"); return ;;
    --kind) mapfile -t COMPREPLY < <(compgen -W "hub national training regional campus" -- "$word"); return ;;
    --format) mapfile -t COMPREPLY < <(compgen -W "table csv json" -- "$word"); return ;;
    --file) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    esac
    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "$(printf '%s\n' "$commands" | cut -d' ' -f1 | sort -u)" -- "$word")
        return
    fi
    if [ "$COMP_CWORD" -eq 2 ]; then
        mapfile -t COMPREPLY < <(compgen -W "$(printf '%s\n' "$commands" | sed -n "s/^${COMP_WORDS[1]} //p")" -- "$word")
        [ ${#COMPREPLY[@]} -eq 0 ] || return
    fi
    if [[ $word == -* ]]; then
        options=$(qanat "${COMP_WORDS[1]}" "${COMP_WORDS[2]}" --help 2>/dev/null || qanat "${COMP_WORDS[1]}" --help 2>/dev/null)
        mapfile -t COMPREPLY < <(compgen -W "--dir --json --set --help $(printf '%s' "$options" | grep -o -- '--[a-z-]\+' | sort -u)" -- "$word")
    else
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
    fi
}
complete -F _qanat qanat
