package io.hearth.testing.hosts;

import java.util.ArrayList;
import java.util.List;

/** One host: a network of its own, with one link to the others. Ended by {@link Hosts}. Used by one thread. */
public final class Host {
    private static final String LINK = "eth0";

    /** What leaves at once, after a pause: 20 ms of 100 Mbit/s, so that a rate shows within a second. */
    private static final String BURST = "256kb";

    /** How long a packet may wait for its turn: long enough for TCP to fill the link, as switches are. */
    private static final String QUEUE = "50ms";

    private final String namespace;
    private final String hub;
    private final String port;
    private final String address;

    private Host(String namespace, String hub, String port, String address) {
        this.namespace = namespace;
        this.hub = hub;
        this.port = port;
        this.address = address;
    }

    static Host create(String namespace, String hub, int number, String address, int prefixBits) {
        Host host = new Host(namespace, hub, "port" + number, address);
        Tool.ip("netns", "add", namespace);
        try {
            host.connect(prefixBits);
        } catch (RuntimeException e) {
            host.remove();
            throw e;
        }
        return host;
    }

    private void connect(int prefixBits) {
        Tool.ip("-n", namespace, "link", "set", "lo", "up");
        Tool.ip("-n", namespace, "link", "add", LINK, "type", "veth", "peer", "name", port, "netns", hub);
        Tool.ip("-n", namespace, "addr", "add", address + "/" + prefixBits, "dev", LINK);
        Tool.ip("-n", hub, "link", "set", port, "master", Hosts.BRIDGE);
        Tool.ip("-n", hub, "link", "set", port, "up");
        Tool.ip("-n", namespace, "link", "set", LINK, "up");
    }

    /** The IPv4 address by which others reach it. */
    public String address() {
        return address;
    }

    /** The command as it runs on this host, among the files and mounts of the machine. */
    public List<String> command(List<String> command) {
        List<String> here = new ArrayList<>(List.of("nsenter", "--net=/run/netns/" + namespace, "--"));
        here.addAll(command);
        return here;
    }

    /** Bounds what the host sends and what it receives, in bits a second each; anew for a link that has bounds. */
    public void rate(long upBitsPerSecond, long downBitsPerSecond) {
        bound(namespace, LINK, upBitsPerSecond);
        bound(hub, port, downBitsPerSecond);
    }

    private static void bound(String namespace, String device, long bitsPerSecond) {
        Tool.tc(
                "-n",
                namespace,
                "qdisc",
                "replace",
                "dev",
                device,
                "root",
                "tbf",
                "rate",
                bitsPerSecond + "bit",
                "burst",
                BURST,
                "latency",
                QUEUE);
    }

    /** Takes the link away: nothing arrives, and nobody is told. */
    public void cut() {
        Tool.ip("-n", hub, "link", "set", port, "down");
    }

    /** Gives the link back. */
    public void heal() {
        Tool.ip("-n", hub, "link", "set", port, "up");
    }

    void remove() {
        Tool.ip("netns", "del", namespace);
    }

    @Override
    public String toString() {
        return namespace + " at " + address;
    }
}
