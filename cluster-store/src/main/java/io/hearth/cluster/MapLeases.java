package io.hearth.cluster;

import io.hearth.protocol.wire.Envelope;
import io.hearth.protocol.wire.FieldReader;
import io.hearth.protocol.wire.FieldWriter;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/** Leases on one map: an entry per live hold, and the last token given out, so that tokens grow across releases. */
final class MapLeases implements LeaseTable {
    private static final String TOKEN = "token";
    private static final String HOLD = "hold/";
    private static final int MAGIC = 0x484c4541;
    private static final int VERSION = 1;

    private final ClusterStore store;
    private final TransactionalMap<byte[]> map;
    private final Clock clock;

    MapLeases(ClusterStore store, TransactionalMap<byte[]> map, Clock clock) {
        this.store = store;
        this.map = map;
        this.clock = clock;
    }

    @Override
    public Optional<Lease> acquire(String name, String holder, Duration ttl) {
        return store.transaction(() -> {
            Optional<Lease> held = holder(name);
            if (held.isPresent() && !held.get().holder().equals(holder)) {
                return Optional.empty();
            }
            long token = map.get(TOKEN).map(MapLeases::token).orElse(0L) + 1;
            map.put(
                    TOKEN,
                    Envelope.seal(MAGIC, VERSION, new FieldWriter().i64(token).toBytes()));
            return Optional.of(put(new Lease(name, holder, token, clock.millis() + ttl.toMillis())));
        });
    }

    @Override
    public Optional<Lease> renew(Lease lease, Duration ttl) {
        return store.transaction(() -> holder(lease.name())
                .filter(held -> held.token() == lease.token())
                .map(held ->
                        put(new Lease(held.name(), held.holder(), held.token(), clock.millis() + ttl.toMillis()))));
    }

    @Override
    public void release(Lease lease) {
        store.transact(() -> stored(lease.name())
                .filter(held -> held.token() == lease.token())
                .ifPresent(held -> map.remove(HOLD + held.name())));
    }

    @Override
    public Optional<Lease> holder(String name) {
        return stored(name).filter(lease -> lease.expiresAtMs() > clock.millis());
    }

    private Optional<Lease> stored(String name) {
        return map.get(HOLD + name).map(bytes -> decode(name, bytes));
    }

    private Lease put(Lease lease) {
        FieldWriter out =
                new FieldWriter().text(lease.holder()).i64(lease.token()).i64(lease.expiresAtMs());
        map.put(HOLD + lease.name(), Envelope.seal(MAGIC, VERSION, out.toBytes()));
        return lease;
    }

    private static Lease decode(String name, byte[] bytes) {
        FieldReader in = new FieldReader(Envelope.open(bytes, MAGIC, VERSION, "lease"));
        return new Lease(name, in.text(0xffff), in.i64(), in.i64());
    }

    private static long token(byte[] bytes) {
        return new FieldReader(Envelope.open(bytes, MAGIC, VERSION, "lease token")).i64();
    }
}
