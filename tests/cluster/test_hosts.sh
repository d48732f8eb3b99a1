#!/usr/bin/env bash
# Several hosts: network namespaces, each with an address and a host name of its own, joined by a
# bridge. A training runs over three of them; then one is cut off. The launcher notices, the job ends,
# what was done is saved, and the run goes on with the hosts that are left, to the same bits. Needs
# root.
. "$(dirname "$0")/launch.sh"

[ "$(id -u)" = 0 ] || skip "network namespaces need root"
for tool in ip unshare; do
    command -v $tool >/dev/null || skip "$tool was not found"
done

tag=nca$$
hosts=(0 1 2)
address() { echo "10.213.7.$((10 + $1))"; }

remove_hosts() {
    local i
    for i in "${hosts[@]}"; do
        ip netns pids "$tag-$i" 2>/dev/null | xargs -r kill -KILL 2>/dev/null
        ip netns del "$tag-$i" 2>/dev/null
    done
    ip netns del "$tag-net" 2>/dev/null
    rm -rf "$folder"
}
trap remove_hosts EXIT

# The bridge is in a namespace too, so this machine's own network is left alone.
ip netns add "$tag-net" 2>/dev/null || skip "network namespaces cannot be made here"
ip -n "$tag-net" link add bridge type bridge 2>/dev/null || skip "bridges cannot be made here"
ip -n "$tag-net" link set bridge up
for i in "${hosts[@]}"; do
    ip netns add "$tag-$i" &&
        ip -n "$tag-$i" link add eth0 type veth peer name "port$i" netns "$tag-net" ||
        skip "virtual networks cannot be made here"
    ip -n "$tag-net" link set "port$i" master bridge
    ip -n "$tag-net" link set "port$i" up
    ip -n "$tag-$i" addr add "$(address "$i")/24" dev eth0
    ip -n "$tag-$i" link set eth0 up
    ip -n "$tag-$i" link set lo up
done

# on HOST COMMAND: with the host's network and name.
cat >on <<END
#!/bin/sh
host=\$1
shift
exec ip netns exec "$tag-\$host" unshare --uts sh -c 'hostname "\$0"; exec "\$@"' "$tag-\$host" "\$@"
END
# The launcher's way to another host, in place of ssh: AGENT ADDRESS COMMAND...
cat >agent <<END
#!/bin/sh
address=\$1
shift
exec "$folder/on" "\$((\${address##*.} - 10))" sh -c "\$*"
END
chmod +x on agent

# over HOSTS ARGUMENTS...: one process on each of the hosts 0, 1 ...
over() {
    local list=() i count=$1
    shift
    for i in "${hosts[@]:0:count}"; do
        list+=("$(address "$i"):1")
    done
    timeout 200 ./on 0 mpirun --mca plm_rsh_agent "$folder/agent" --mca plm_rsh_no_tree_spawn 1 \
        --mca oob_tcp_if_include 10.213.7.0/24 --mca btl_tcp_if_include 10.213.7.0/24 \
        --mca btl tcp,self --mca oob_tcp_keepalive_time 2 --mca oob_tcp_keepalive_intvl 1 \
        --mca oob_tcp_keepalive_probes 2 --host "$(IFS=,; echo "${list[*]}")" -n "$count" \
        -x LC_ALL "$program" "$@"
}

settings=(--config small.yaml --decay-at 1000 --extension 0 --quiet)
over 3 train "${settings[@]}" --iterations 4 -o short >out.txt 2>err.txt </dev/null ||
    skip "mpirun does not work over namespaces here: $(tail -n 5 err.txt)"
grep -q '3 processes work together' err.txt || fail "$(cat err.txt)"
alone train "${settings[@]}" --iterations 4 -o short-one
same short-one short

# ---- A host is cut off in the middle.
over 3 train "${settings[@]}" --iterations 100000 -o cut >job.txt 2>&1 </dev/null &
launcher=$!
for _ in $(seq 600); do
    [ "$(lines_of cut)" -ge 6 ] && break
    sleep 0.1
done
ip -n "$tag-2" link set eth0 down
for _ in $(seq 600); do
    kill -0 $launcher 2>/dev/null || break
    sleep 0.1
done
kill -KILL $launcher 2>/dev/null && fail "the job does not end after a host was cut off"
wait $launcher
[ $? != 0 ] || fail "expected an exit code that tells of it"
[ -s cut/checkpoint.safetensors ] || fail "there is no checkpoint: $(cat job.txt)"
echo "after the cut:"
sed 's/^/    /' job.txt
last=$(tail -n 1 cut/metrics.csv | cut -d, -f1)
over 2 train --resume cut --iterations $((last + 2)) --quiet >out.txt 2>err.txt </dev/null ||
    fail "the run does not go on: $(cat err.txt)"
alone train "${settings[@]}" --iterations $((last + 2)) -o cut-one
cmp -s <(rows cut) <(rows cut-one) || fail "other losses than those of one process"
cmp -s cut/model.safetensors cut-one/model.safetensors || fail "other weights"
finish
