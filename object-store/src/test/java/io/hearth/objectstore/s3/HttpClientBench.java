package io.hearth.objectstore.s3;

import com.sun.management.OperatingSystemMXBean;
import io.hearth.objectstore.OriginMetrics;
import io.hearth.objectstore.OriginSettings;
import io.hearth.objectstore.s3.http.HttpLimits;
import io.hearth.objectstore.s3.http.NettyHttpClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicLong;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.client.config.SdkAdvancedAsyncClientOption;
import software.amazon.awssdk.http.SdkHttpConfigurationOption;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.utils.AttributeMap;

/**
 * Measures one HTTP client of the SDK: 8 MiB ranges of one object, so many at once. Prints a JSON line per concurrency.
 * How to run it: {@code docs/decisions/0002-s3-http-client.md}.
 *
 * <p>Arguments: class of the client, or {@code hearth} for ours; endpoint, bucket, key, MiB per case, concurrencies.
 */
public final class HttpClientBench {
    private static final int RANGE_BYTES = 8 << 20;

    private final S3AsyncClient s3;
    private final String bucket;
    private final String key;
    private final long ranges;

    private HttpClientBench(S3AsyncClient s3, String bucket, String key) {
        this.s3 = s3;
        this.bucket = bucket;
        this.key = key;
        long bytes = s3.headObject(head -> head.bucket(bucket).key(key)).join().contentLength();
        this.ranges = bytes / RANGE_BYTES;
    }

    public static void main(String[] arguments) throws ReflectiveOperationException, IOException {
        try (SdkAsyncHttpClient http = arguments[0].equals("hearth") ? hearths() : sdks(arguments[0]);
                S3AsyncClient s3 = client(http, URI.create(arguments[1]))) {
            HttpClientBench bench = new HttpClientBench(s3, arguments[2], arguments[3]);
            long count = (Long.parseLong(arguments[4]) << 20) / RANGE_BYTES;
            bench.read(8, count);
            for (int i = 5; i < arguments.length; i++) {
                bench.measure(http.clientName(), Integer.parseInt(arguments[i]), count);
            }
        }
    }

    private static SdkAsyncHttpClient hearths() {
        OriginSettings settings = OriginSettings.defaults();
        HttpLimits limits = new HttpLimits(
                64,
                (int) settings.readBuffer().bytes(),
                settings.eventLoopThreads(),
                settings.connectTimeout(),
                settings.connectionWait(),
                settings.connectionIdle());
        return new NettyHttpClient(limits, new OriginMetrics(new SimpleMeterRegistry()), ForkJoinPool.commonPool());
    }

    private static SdkAsyncHttpClient sdks(String builderClass) throws ReflectiveOperationException {
        SdkAsyncHttpClient.Builder<?> builder = (SdkAsyncHttpClient.Builder<?>)
                Class.forName(builderClass).getMethod("builder").invoke(null);
        AttributeMap options = AttributeMap.builder()
                .put(SdkHttpConfigurationOption.MAX_CONNECTIONS, 64)
                .build();
        return builder.buildWithDefaults(options);
    }

    private static S3AsyncClient client(SdkAsyncHttpClient http, URI endpoint) {
        return S3AsyncClient.builder()
                .httpClient(http)
                .endpointOverride(endpoint)
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .credentialsProvider(AnonymousCredentialsProvider.create())
                .asyncConfiguration(async ->
                        async.advancedOption(SdkAdvancedAsyncClientOption.FUTURE_COMPLETION_EXECUTOR, Runnable::run))
                .build();
    }

    private void measure(String client, int concurrency, long count) throws IOException {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long cpu = system.getProcessCpuTime();
        long start = System.nanoTime();
        long bytes = read(concurrency, count);
        double seconds = (System.nanoTime() - start) / 1e9;
        double cpuSeconds = (system.getProcessCpuTime() - cpu) / 1e9;
        System.out.printf(
                Locale.ROOT,
                "{\"client\":\"%s\",\"concurrency\":%d,\"mebibytesPerSecond\":%.0f,"
                        + "\"cpuSecondsPerGiB\":%.2f,\"rssMiB\":%d}%n",
                client,
                concurrency,
                bytes / seconds / (1 << 20),
                cpuSeconds / bytes * (1 << 30),
                rssMiB());
    }

    private long read(int concurrency, long count) {
        AtomicLong next = new AtomicLong();
        AtomicLong bytes = new AtomicLong();
        CompletableFuture<?>[] lanes = new CompletableFuture<?>[concurrency];
        for (int i = 0; i < concurrency; i++) {
            lanes[i] = lane(next, count, bytes);
        }
        CompletableFuture.allOf(lanes).join();
        return bytes.get();
    }

    private CompletableFuture<Void> lane(AtomicLong next, long count, AtomicLong bytes) {
        long range = next.getAndIncrement();
        if (range >= count) {
            return CompletableFuture.completedFuture(null);
        }
        long first = range % ranges * RANGE_BYTES;
        String header = "bytes=" + first + "-" + (first + RANGE_BYTES - 1);
        return s3.getObject(get -> get.bucket(bucket).key(key).range(header), new Counter(bytes))
                .thenCompose(nothing -> lane(next, count, bytes));
    }

    private static long rssMiB() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) >> 10)
                .sum();
    }

    /** Takes buffers one by one, as a transfer with back-pressure does. */
    private static final class Counter
            implements AsyncResponseTransformer<GetObjectResponse, Void>, Subscriber<ByteBuffer> {
        private final AtomicLong bytes;
        private final CompletableFuture<Void> done = new CompletableFuture<>();
        private Subscription subscription;

        Counter(AtomicLong bytes) {
            this.bytes = bytes;
        }

        @Override
        public CompletableFuture<Void> prepare() {
            return done;
        }

        @Override
        public void onResponse(GetObjectResponse response) {}

        @Override
        public void onStream(SdkPublisher<ByteBuffer> publisher) {
            publisher.subscribe(this);
        }

        @Override
        public void exceptionOccurred(Throwable failure) {
            done.completeExceptionally(failure);
        }

        @Override
        public void onSubscribe(Subscription begun) {
            subscription = begun;
            begun.request(1);
        }

        @Override
        public void onNext(ByteBuffer buffer) {
            bytes.addAndGet(buffer.remaining());
            subscription.request(1);
        }

        @Override
        public void onError(Throwable failure) {
            done.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            done.complete(null);
        }
    }
}
