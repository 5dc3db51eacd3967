/**
 * The read path, shared by workers and mounts, and the client of the master's HTTP API.
 *
 * <p>Start with {@link io.hearth.client.Source} (where bytes come from), {@link io.hearth.client.ObjectReads}
 * (positional reads for a mount, falling back from worker to origin) and {@link io.hearth.client.MasterApi} (the
 * control plane). Sub-packages: {@code read} (chunks in memory and read-ahead), {@code worker} (the data-plane client),
 * {@code wire} (its frames, for both ends) and {@code http} (the client of the masters).
 */
package io.hearth.client;
