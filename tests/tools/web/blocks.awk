# blocks.awk: writes each block of C of the Markdown files into a file: the
# first one of docs/model.md into docs+model.md+1.c in `folder`.

FNR == 1 {
    is_in = count = 0
    name = FILENAME
    gsub(/\//, "+", name)
}

/^ *```/ && is_in {
    is_in = 0
    close(file)
    next
}

/^ *```c$/ {
    is_in = 1
    indent = index($0, "`") - 1
    file = folder "/" name "+" ++count ".c"
    printf "" >file
    next
}

is_in {
    line = $0
    if (indent > 0)
        line = substr(line, indent + 1)
    print line >file
}
