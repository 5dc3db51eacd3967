package io.hearth.cluster;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.wire.Envelope;
import io.hearth.protocol.wire.FieldReader;
import io.hearth.protocol.wire.FieldWriter;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A queue on one map: an entry per item under its number, and the counters under {@code meta}. */
final class MapQueue<V> implements DurableQueue<V> {
    private static final String META = "meta";
    private static final String ITEM = "item/";
    private static final int META_MAGIC = 0x48514d54;
    private static final int ITEM_MAGIC = 0x4851494d;
    private static final int VERSION = 1;
    private static final int PAGE = 256;

    private final ClusterStore store;
    private final TransactionalMap<byte[]> map;
    private final Codec<V> codec;
    private final String name;
    private final int lengthMax;
    private final Clock clock;

    MapQueue(
            ClusterStore store, TransactionalMap<byte[]> map, Codec<V> codec, String name, int lengthMax, Clock clock) {
        this.store = store;
        this.map = map;
        this.codec = codec;
        this.name = name;
        this.lengthMax = lengthMax;
        this.clock = clock;
    }

    @Override
    public long offer(V item) {
        byte[] payload = codec.encode(item);
        return store.transaction(() -> {
            Meta meta = meta();
            if (meta.length() >= lengthMax) {
                throw new HearthException(
                        FailureKind.OVERLOADED,
                        "the queue " + name + " is full with " + lengthMax + " items: try again later");
            }
            map.put(keyOf(meta.next()), new Item("", 0, 0, payload).encode());
            map.put(META, new Meta(meta.next() + 1, meta.length() + 1).encode());
            return meta.next();
        });
    }

    @Override
    public Optional<Claim<V>> poll(String holder, Duration claimFor) {
        if (length() == 0) {
            return Optional.empty();
        }
        Optional<String> after = Optional.empty();
        while (true) {
            List<TransactionalMap.Entry<byte[]>> page = map.entries(ITEM, after, PAGE);
            for (TransactionalMap.Entry<byte[]> entry : page) {
                if (free(Item.decode(entry.value()))) {
                    Optional<Claim<V>> claim = claim(entry.key(), holder, claimFor);
                    if (claim.isPresent()) {
                        return claim;
                    }
                }
                after = Optional.of(entry.key());
            }
            if (page.size() < PAGE) {
                return Optional.empty();
            }
        }
    }

    private Optional<Claim<V>> claim(String key, String holder, Duration claimFor) {
        return store.transaction(() -> map.get(key)
                .map(Item::decode)
                .filter(this::free)
                .map(item -> {
                    Item claimed = new Item(holder, item.attempt() + 1, until(claimFor), item.payload());
                    map.put(key, claimed.encode());
                    long number = Long.parseLong(key.substring(ITEM.length()));
                    return new Claim<>(number, holder, claimed.attempt(), codec.decode(item.payload()));
                }));
    }

    @Override
    public boolean extend(Claim<V> claim, Duration claimFor) {
        return store.transaction(() -> {
            Optional<Item> held = held(claim);
            held.ifPresent(item -> map.put(
                    keyOf(claim.number()),
                    new Item(item.holder(), item.attempt(), until(claimFor), item.payload()).encode()));
            return held.isPresent();
        });
    }

    @Override
    public boolean acknowledge(Claim<V> claim) {
        return store.transaction(() -> {
            if (held(claim).isEmpty()) {
                return false;
            }
            Meta meta = meta();
            map.remove(keyOf(claim.number()));
            map.put(META, new Meta(meta.next(), meta.length() - 1).encode());
            return true;
        });
    }

    @Override
    public int releaseClaims(String holder) {
        int released = 0;
        Optional<String> after = Optional.empty();
        while (true) {
            List<String> page = map.keys(ITEM, after, PAGE);
            for (String key : page) {
                released += releaseClaim(key, holder) ? 1 : 0;
                after = Optional.of(key);
            }
            if (page.size() < PAGE) {
                return released;
            }
        }
    }

    private boolean releaseClaim(String key, String holder) {
        return store.transaction(() -> {
            Optional<Item> item = map.get(key).map(Item::decode);
            if (item.isEmpty() || !item.get().holder().equals(holder)) {
                return false;
            }
            map.put(key, new Item("", item.get().attempt(), 0, item.get().payload()).encode());
            return true;
        });
    }

    @Override
    public int length() {
        return meta().length();
    }

    private Optional<Item> held(Claim<V> claim) {
        return map.get(keyOf(claim.number()))
                .map(Item::decode)
                .filter(item ->
                        item.attempt() == claim.attempt() && item.holder().equals(claim.holder()));
    }

    private boolean free(Item item) {
        return item.holder().isEmpty() || item.untilMs() <= clock.millis();
    }

    private long until(Duration claimFor) {
        return clock.millis() + claimFor.toMillis();
    }

    private Meta meta() {
        return map.get(META).map(Meta::decode).orElse(new Meta(1, 0));
    }

    private static String keyOf(long number) {
        return ITEM + String.format(java.util.Locale.ROOT, "%019d", number);
    }

    private record Meta(long next, int length) {
        byte[] encode() {
            return Envelope.seal(
                    META_MAGIC, VERSION, new FieldWriter().i64(next).i32(length).toBytes());
        }

        static Meta decode(byte[] bytes) {
            FieldReader in = new FieldReader(Envelope.open(bytes, META_MAGIC, VERSION, "queue"));
            return new Meta(in.i64(), in.i32());
        }
    }

    private record Item(String holder, int attempt, long untilMs, byte[] payload) {
        byte[] encode() {
            FieldWriter out =
                    new FieldWriter().text(holder).i32(attempt).i64(untilMs).blob(payload);
            return Envelope.seal(ITEM_MAGIC, VERSION, out.toBytes());
        }

        static Item decode(byte[] bytes) {
            FieldReader in = new FieldReader(Envelope.open(bytes, ITEM_MAGIC, VERSION, "queue item"));
            return new Item(in.text(0xffff), in.i32(), in.i64(), in.blob(bytes.length));
        }
    }
}
