#!/bin/sh
# A fence agent for tests: keeps the power in $1/power, counts acts in $1/acts, misbehaves as $1/mode says.
action=$(sed -n 's/^action=//p')
case "$(cat "$1/mode" 2>/dev/null)" in
  silent) exec sleep 600 ;;
  nonsense) echo "Traceback (most recent call last)" >&2; exit 1 ;;
esac
case "$action" in
  status) if [ "$(cat "$1/power")" = on ]; then echo "Status: ON"; exit 0; else echo "Status: OFF"; exit 2; fi ;;
  on | off) echo "$action" >>"$1/acts"; printf %s "$action" >"$1/power"; echo "Success: $action" ;;
  *) exit 1 ;;
esac
