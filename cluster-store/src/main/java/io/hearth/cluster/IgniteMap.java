package io.hearth.cluster;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import javax.cache.Cache;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.cache.query.QueryCursor;
import org.apache.ignite.cache.query.ScanQuery;
import org.apache.ignite.lang.IgniteBiPredicate;
import org.apache.ignite.lang.IgniteClosure;

/** A map on one Ignite cache. */
final class IgniteMap<V> implements TransactionalMap<V> {
    private static final int PAGE_MAX = 10_000;

    private final IgniteClusterStore store;
    private final IgniteCache<String, byte[]> cache;
    private final Codec<V> codec;
    private final long valueBytesMax;

    IgniteMap(IgniteClusterStore store, IgniteCache<String, byte[]> cache, Codec<V> codec, long valueBytesMax) {
        this.store = store;
        this.cache = cache;
        this.codec = codec;
        this.valueBytesMax = valueBytesMax;
    }

    @Override
    public Optional<V> get(String key) {
        return IgniteFailures.translated(
                () -> Optional.ofNullable(cache.get(checked(key))).map(codec::decode));
    }

    @Override
    public void put(String key, V value) {
        byte[] bytes = encoded(value);
        IgniteFailures.translated(() -> {
            cache.put(checked(key), bytes);
            return null;
        });
    }

    @Override
    public boolean putIfAbsent(String key, V value) {
        byte[] bytes = encoded(value);
        return IgniteFailures.translated(() -> cache.putIfAbsent(checked(key), bytes));
    }

    @Override
    public boolean replace(String key, V expected, V update) {
        byte[] before = encoded(expected);
        byte[] after = encoded(update);
        return store.transaction(() -> {
            if (!Arrays.equals(cache.get(checked(key)), before)) {
                return false;
            }
            cache.put(key, after);
            return true;
        });
    }

    @Override
    public boolean remove(String key) {
        return IgniteFailures.translated(() -> cache.remove(checked(key)));
    }

    @Override
    public List<Entry<V>> entries(String prefix, Optional<String> after, int entriesMax) {
        IgniteClosure<Cache.Entry<String, byte[]>, Map.Entry<String, byte[]>> pair =
                entry -> Map.entry(entry.getKey(), entry.getValue());
        List<Entry<V>> page = new ArrayList<>();
        scan(prefix, after, entriesMax, pair).forEach((key, bytes) -> page.add(new Entry<>(key, codec.decode(bytes))));
        return page;
    }

    @Override
    public List<String> keys(String prefix, Optional<String> after, int keysMax) {
        byte[] none = {};
        IgniteClosure<Cache.Entry<String, byte[]>, Map.Entry<String, byte[]>> keyAlone =
                entry -> Map.entry(entry.getKey(), none);
        return List.copyOf(scan(prefix, after, keysMax, keyAlone).keySet());
    }

    /**
     * The first entries in key order. The query is local, so that no class of ours is marshalled: each master has all.
     */
    private NavigableMap<String, byte[]> scan(
            String prefix,
            Optional<String> after,
            int entriesMax,
            IgniteClosure<Cache.Entry<String, byte[]>, Map.Entry<String, byte[]>> transform) {
        if (entriesMax < 1 || entriesMax > PAGE_MAX) {
            throw new HearthException(
                    FailureKind.INVALID, "a page has 1 to " + PAGE_MAX + " entries, not " + entriesMax);
        }
        if (store.inTransaction()) {
            throw new IllegalStateException("entries and keys do not see the writes of a transaction");
        }
        String from = after.orElse("");
        IgniteBiPredicate<String, byte[]> wanted =
                (key, value) -> key.startsWith(prefix) && (from.isEmpty() || key.compareTo(from) > 0);
        return IgniteFailures.translated(() -> {
            TreeMap<String, byte[]> first = new TreeMap<>();
            ScanQuery<String, byte[]> query = new ScanQuery<>(wanted);
            query.setLocal(true);
            try (QueryCursor<Map.Entry<String, byte[]>> cursor = cache.query(query, transform)) {
                for (Map.Entry<String, byte[]> entry : cursor) {
                    first.put(entry.getKey(), entry.getValue());
                    if (first.size() > entriesMax) {
                        first.pollLastEntry();
                    }
                }
            }
            return first;
        });
    }

    private static String checked(String key) {
        if (key.isEmpty() || key.length() > ClusterStore.KEY_CHARS_MAX) {
            throw new HearthException(
                    FailureKind.INVALID,
                    "a key has 1 to " + ClusterStore.KEY_CHARS_MAX + " characters, not " + key.length());
        }
        return key;
    }

    private byte[] encoded(V value) {
        byte[] bytes = codec.encode(value);
        if (bytes.length > valueBytesMax) {
            throw new HearthException(
                    FailureKind.INVALID,
                    "a value of " + bytes.length + " bytes is larger than cluster.value-max, " + valueBytesMax);
        }
        return bytes;
    }
}
