package io.hearth.objectstore.s3;

import io.hearth.objectstore.ObjectStore;
import io.hearth.objectstore.ObjectStoreFactory;
import io.hearth.objectstore.OriginMetrics;
import io.hearth.objectstore.OriginSettings;
import io.hearth.objectstore.s3.http.HttpLimits;
import io.hearth.objectstore.s3.http.NettyHttpClient;
import io.hearth.protocol.Credentials;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.OriginAccess;
import io.hearth.protocol.OriginSpec;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.client.config.SdkAdvancedAsyncClientOption;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3AsyncClientBuilder;

/**
 * Opens S3 stores that share one pool of connections and one timer: one instance per process. Thread-safe.
 *
 * <p>The SDK's own retries are off: {@link io.hearth.objectstore.engine.RangeFetch} repeats ranges from where they
 * broke.
 */
public final class S3ObjectStores implements ObjectStoreFactory, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(S3ObjectStores.class);
    private static final int OPENINGS_MAX = 1024;

    private final OriginSettings settings;
    private final OriginMetrics metrics;
    private final ScheduledThreadPoolExecutor timer;
    private final Semaphore requests;
    private final Set<S3ObjectStore> open = ConcurrentHashMap.newKeySet();
    /** Builds clients: the default chains of region and credentials may ask the network, and do so by blocking. */
    private final ExecutorService opener;
    /** Looks names up, which blocks too: who waits for credentials must not hold up the connections of others. */
    private final ExecutorService names;
    /** Made by the first store: a mount of resident files needs none of its classes and threads. */
    private Optional<SdkAsyncHttpClient> http = Optional.empty();

    private boolean closed;

    public S3ObjectStores(OriginSettings settings, OriginMetrics metrics) {
        this.settings = settings;
        this.metrics = metrics;
        requests = new Semaphore(settings.requestsMax());
        timer = new ScheduledThreadPoolExecutor(1, threads("hearth-origin-timer-"));
        timer.setRemoveOnCancelPolicy(true);
        opener = blocking("hearth-origin-open-");
        names = blocking("hearth-origin-names-");
    }

    private static ExecutorService blocking(String name) {
        ThreadPoolExecutor two = new ThreadPoolExecutor(
                2, 2, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(OPENINGS_MAX), threads(name));
        two.allowCoreThreadTimeOut(true);
        return two;
    }

    @Override
    public ObjectStore open(OriginAccess access) {
        boolean signed = !(access.credentials() instanceof Credentials.Anonymous);
        S3Failures failures = new S3Failures(access.origin(), signed);
        S3ObjectStore store = new S3ObjectStore(
                access.origin(), () -> opening(access), failures, settings, metrics, timer, requests, open::remove);
        open.add(store);
        return store;
    }

    private CompletableFuture<S3AsyncClient> opening(OriginAccess access) {
        try {
            return CompletableFuture.supplyAsync(() -> client(access), opener);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(new HearthException(
                    FailureKind.OVERLOADED, OPENINGS_MAX + " object stores are being opened: open less at once", e));
        }
    }

    /** Closes the stores that are still open, and frees connections and threads. */
    @Override
    public void close() {
        open.forEach(S3ObjectStore::close);
        opener.shutdownNow();
        names.shutdownNow();
        timer.shutdownNow();
        synchronized (this) {
            closed = true;
            http.ifPresent(SdkAsyncHttpClient::close);
            http = Optional.empty();
        }
    }

    private synchronized SdkAsyncHttpClient http() {
        if (closed) {
            throw new HearthException(FailureKind.UNAVAILABLE, "the access to object stores was closed");
        }
        if (http.isEmpty()) {
            HttpLimits limits = new HttpLimits(
                    settings.connectionsMax(),
                    (int) settings.readBuffer().bytes(),
                    settings.eventLoopThreads(),
                    settings.connectTimeout(),
                    settings.connectionWait(),
                    settings.connectionIdle());
            http = Optional.of(new NettyHttpClient(limits, metrics, names));
        }
        return http.get();
    }

    private S3AsyncClient client(OriginAccess access) {
        OriginSpec origin = access.origin();
        AwsCredentialsProvider credentials = provider(access.credentials());
        S3AsyncClientBuilder builder = S3AsyncClient.builder()
                .httpClient(http())
                .credentialsProvider(credentials)
                .forcePathStyle(origin.pathStyle())
                // Other stores than AWS know the newer checksums badly or not at all.
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .asyncConfiguration(async ->
                        async.advancedOption(SdkAdvancedAsyncClientOption.FUTURE_COMPLETION_EXECUTOR, Runnable::run))
                .overrideConfiguration(override ->
                        override.retryStrategy(AwsRetryStrategy.doNotRetry()).scheduledExecutorService(timer));
        origin.endpoint().ifPresent(builder::endpointOverride);
        if (origin.region().isPresent() || origin.endpoint().isPresent()) {
            builder.region(Region.of(SigningKeyRing.region(origin)));
        }
        if (access.credentials() instanceof Credentials.SigningKeys keys) {
            DaySigner signer = new DaySigner(keys, Clock.systemUTC());
            builder.region(Region.of(keys.region())).putAuthScheme(new DayAuth(signer));
            return LeanS3Client.over(builder.build(), origin, http(), GetSigner.of(signer));
        }
        S3AsyncClient sdk = builder.build();
        GetSigner signer = access.credentials() instanceof Credentials.Anonymous
                ? GetSigner.none()
                : GetSigner.of(
                        credentials, sdk.serviceClientConfiguration().region().id());
        return LeanS3Client.over(sdk, origin, http(), signer);
    }

    private static AwsCredentialsProvider provider(Credentials credentials) {
        if (credentials instanceof Credentials.Keys keys) {
            return StaticCredentialsProvider.create(
                    keys.sessionToken().isPresent()
                            ? AwsSessionCredentials.create(
                                    keys.accessKeyId(),
                                    keys.secretAccessKey(),
                                    keys.sessionToken().get())
                            : AwsBasicCredentials.create(keys.accessKeyId(), keys.secretAccessKey()));
        }
        if (credentials instanceof Credentials.SigningKeys keys) {
            return StaticCredentialsProvider.create(AwsBasicCredentials.create(keys.accessKeyId(), "not-known-here"));
        }
        return credentials instanceof Credentials.Anonymous ? AnonymousCredentialsProvider.create() : chain();
    }

    /** Asked once here, where blocking is allowed; later it refreshes itself on a thread of its own. */
    private static AwsCredentialsProvider chain() {
        DefaultCredentialsProvider chain = DefaultCredentialsProvider.builder()
                .asyncCredentialUpdateEnabled(true)
                .build();
        try {
            chain.resolveCredentials();
        } catch (SdkClientException e) {
            // The first request says it in its own future, and a later one may find some.
            LOG.debug("no credentials in the default chain yet", e);
        }
        return chain;
    }

    private static ThreadFactory threads(String prefix) {
        AtomicInteger count = new AtomicInteger();
        return work -> {
            Thread thread = new Thread(work, prefix + count.getAndIncrement());
            thread.setDaemon(true);
            return thread;
        };
    }
}
