/**
 * Several hosts on one machine, for tests and benches of clusters: a network namespace each, with an address and a link
 * of bounded rate to all others. {@link io.hearth.testing.hosts.Hosts} makes them and takes them away again; commands run
 * on a {@link io.hearth.testing.hosts.Host}. Files are the machine's own, and so are mounts. Needs root, {@code ip} and
 * {@code tc}; {@link io.hearth.testing.hosts.Hosts#missing} says what is not there.
 */
package io.hearth.testing.hosts;
