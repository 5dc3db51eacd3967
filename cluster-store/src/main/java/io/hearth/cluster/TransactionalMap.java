package io.hearth.cluster;

import java.util.List;
import java.util.Optional;

/**
 * A map from texts to values. Each method is atomic by itself; inside {@link ClusterStore#transaction} several are
 * together. Keys have 1 to {@link ClusterStore#KEY_CHARS_MAX} characters.
 */
public interface TransactionalMap<V> {
    Optional<V> get(String key);

    void put(String key, V value);

    /** @return whether it was put: false if the key is there already */
    boolean putIfAbsent(String key, V value);

    /** Writes {@code update} if the value there still has the bytes of {@code expected}. */
    boolean replace(String key, V expected, V update);

    /** @return whether it was there */
    boolean remove(String key);

    /**
     * Entries whose key starts with {@code prefix} and comes after {@code after}, in key order, at most
     * {@code entriesMax} of them. Walks the whole map. Each entry is as it was at some moment of the call; not to be
     * called inside a transaction, whose writes it would not see.
     *
     * @param after the last key of the page before; empty for the first page
     * @param entriesMax 1 to 10,000
     */
    List<Entry<V>> entries(String prefix, Optional<String> after, int entriesMax);

    /** Keys alone, with the rules of {@link #entries}. Much cheaper where values are large. */
    List<String> keys(String prefix, Optional<String> after, int keysMax);

    /** A key and its value. */
    record Entry<V>(String key, V value) {}
}
