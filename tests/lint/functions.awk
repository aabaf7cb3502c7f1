# functions.awk: finds functions by a brace alone in column 0; prints "file:line: ..." for those over a limit.
# -v lines=60 -v params=6
FNR == 1 { signature = ""; signature_line = 0; inside = 0 }
!inside && /^[A-Za-z_].*\(/ && !/;[ \t]*$/ && !/^(typedef|#)/ { signature = ""; signature_line = FNR }
!inside && signature_line { signature = signature " " $0 }
!inside && /;[ \t]*$/ { signature = ""; signature_line = 0 }
/^\{[ \t]*$/ && signature_line { inside = 1; count_params() }
/^\}/ && inside {
    if (FNR - signature_line + 1 > lines) print FILENAME ":" signature_line ": " FNR - signature_line + 1 " lines"
    inside = 0; signature = ""; signature_line = 0
}
function count_params(   i, c, depth, commas, started) {
    depth = 0; commas = 0
    sub(/__attribute__.*/, "", signature)
    for (i = 1; i <= length(signature); i++) {
        c = substr(signature, i, 1)
        if (c == "(") depth++
        else if (c == ")") { depth--; if (depth == 0) break }
        else if (c == "," && depth == 1) commas++
    }
    # The shape of a callback (on_...) is set by the library that calls it, that of a function in library_*.c by its library.
    if (commas + 1 > params && signature !~ /[ *]on_[a-z_]+\(/ && FILENAME !~ /library_[a-z]+\.c$/) print FILENAME ":" signature_line ": " commas + 1 " parameters"
}
