package io.hearth.bench.origin;

import io.hearth.bench.stage.SourceFile;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/** Parallel ranged GETs by plain HTTP, the bytes thrown away: what the object store itself can give on this machine. */
final class OriginOnly {
    private static final int THREADS = 8;
    private static final int RANGE_BYTES = 8 << 20;
    private static final int HTTP_PARTIAL = 206;

    private OriginOnly() {}

    /** @return bytes a second */
    static double read(URI endpoint, SourceFile source) throws Exception {
        URI object = endpoint.resolve("/" + source.bucket() + "/" + source.key());
        AtomicLong next = new AtomicLong();
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        long start = System.nanoTime();
        try {
            List<Future<Long>> readers = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                readers.add(threads.submit(() -> ranges(object, source.sizeBytes(), next)));
            }
            long bytes = 0;
            for (Future<Long> reader : readers) {
                bytes += reader.get();
            }
            if (bytes != source.sizeBytes()) {
                throw new HearthException(FailureKind.CORRUPT, "the origin sent " + bytes + " bytes");
            }
            return bytes / ((System.nanoTime() - start) / 1e9);
        } finally {
            threads.shutdownNow();
        }
    }

    private static long ranges(URI object, long sizeBytes, AtomicLong next) throws IOException {
        byte[] piece = new byte[1 << 18];
        long bytes = 0;
        for (long offset = next.getAndAdd(RANGE_BYTES); offset < sizeBytes; offset = next.getAndAdd(RANGE_BYTES)) {
            long last = Math.min(offset + RANGE_BYTES, sizeBytes) - 1;
            HttpURLConnection connection = (HttpURLConnection) object.toURL().openConnection();
            connection.setRequestProperty("Range", "bytes=" + offset + "-" + last);
            if (connection.getResponseCode() != HTTP_PARTIAL) {
                throw new IOException("the origin answered " + connection.getResponseCode());
            }
            try (InputStream in = connection.getInputStream()) {
                for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
                    bytes += read;
                }
            }
        }
        return bytes;
    }
}
