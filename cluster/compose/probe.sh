#!/bin/bash
# Tells whether a server answers 200, and says a text if one is given, without the cost of starting an interpreter.
#   probe HOST PORT PATH [TEXT]
exec 3<>"/dev/tcp/$1/$2" || exit 1
printf 'GET %s HTTP/1.0\r\nHost: %s\r\n\r\n' "$3" "$1" >&3
answer=$(timeout 4 cat <&3)
[[ $answer == HTTP/1.?' 200'* && $answer == *"${4:-}"* ]]
