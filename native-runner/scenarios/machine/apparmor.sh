# Profiles of AppArmor, enforced by a kernel that has it.
. "$scenarios/machine/peers.sh"
command -v apparmor_parser >/dev/null || { echo "   left out: apparmor_parser is not installed"; exit 0; }
mkdir -p "$work/fs/denied"
cat >"$work/profile" <<'END'
profile waybill-box flags=(attach_disconnected,mediate_deleted) {
  file,
  capability,
  network,
  mount,
  umount,
  pivot_root,
  signal,
  ptrace,
  unix,
  deny /denied/** w,
}
END
apparmor_parser --skip-cache --replace "$work/profile" || fail "the profile cannot be loaded"

# confined PROFILE COMMAND
confined() {
  configure '' "$2"
  sed -i 's/"process":{/"process":{"apparmorProfile":"'"$1"'",/' "$bundle/config.json"
}

profiles() {
  confined waybill-box 'cat /proc/self/attr/current; echo x >/tmp/x && echo written; echo x >/denied/x'
  promise "the profile is in force" 1 "waybill-box (enforce)" $rt run --bundle "$bundle" one
  promise "what it allows is done" 1 "written" $rt run --bundle "$bundle" one
  promise "what it denies is not" 1 "Permission denied" $rt run --bundle "$bundle" one
  confined waybill-box 'sleep 1000'
  promise "detached" 0 "" start
  promise "an exec has it too" 0 "waybill-box (enforce)" $rt exec one cat /proc/self/attr/current
  promise "an exec is denied too" 1 "Permission denied" $rt exec one touch /denied/x
  if [ "$name" != crun ]; then
    promise "checkpoint" 0 "" $rt checkpoint --image-path "$work/images-$name" one
    promise "deleted" 0 "" $rt delete one
    promise "restored" 0 "" sh -c "$rt restore --detach --bundle $bundle --image-path $work/images-$name one </dev/null >>$work/out 2>&1 || { cat $work/out; false; }"
    promise "with its profile" 0 "waybill-box (enforce)" $rt exec one cat /proc/1/attr/current
  fi
  promise "ended" 0 "" end_all
  confined nobody-knows 'true'
  promise "an unknown profile is refused" 1 "nobody-knows" $rt run --bundle "$bundle" one
  confined unconfined 'cat /proc/self/attr/current'
  promise "unconfined" 0 "unconfined" $rt run --bundle "$bundle" one
}

each profiles
tested
