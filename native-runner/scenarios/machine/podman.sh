# Podman: checkpoints and restores of its containers by this runtime.
. "$scenarios/scenario.sh"
make_rootfs
pod() {
  timeout -k 1 100 podman --root "$work/root" --runroot "$work/run" --storage-driver vfs --runtime "$runtime" \
    --cgroup-manager cgroupfs --events-backend file --network-config-dir "$work/networks" "$@"
}
pod import "$work/image.tar" box:1 >/dev/null 2>&1 || fail "podman import"
expect "podman runs" 0 "" pod run -d --name web --network none box:1 sh -c 'i=0; while :; do i=$((i+1)); echo $i >/tmp/n; sleep 0.2; done'
await "counting" pod exec web cat /tmp/n
expect "podman checkpoint" 0 "web" pod container checkpoint web
expect "exited" 0 "exited" pod inspect -f '{{.State.Status}}' web
number=$(cat "$(pod inspect -f '{{.GraphDriver.Data.UpperDir}}' web 2>/dev/null)/tmp/n" 2>/dev/null || echo 0)
expect "podman restore" 0 "web" pod container restore web
expect "running" 0 "running" pod inspect -f '{{.State.Status}}' web
expect "podman exec" 0 "" pod exec web sh -c "[ \$(cat /tmp/n) -gt $number ]"
expect "podman stop" 0 "web" pod stop -t 1 web
expect "podman rm" 0 "web" pod rm web
expect "with a terminal" 0 "" pod run -dt --name term --network none box:1 sh
expect "podman checkpoint, exported" 0 "term" pod container checkpoint --export "$work/exported.tar" term
expect "podman rm" 0 "term" pod rm term
expect "podman restore, imported" 0 "" pod container restore --import "$work/exported.tar"
expect "its terminal" 0 "80" pod exec -t term stty size
expect "podman rm, forced" 0 "term" pod rm -f -t 0 term
