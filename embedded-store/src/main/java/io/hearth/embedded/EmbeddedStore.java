package io.hearth.embedded;

import io.hearth.protocol.Credentials;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.OriginAccess;
import io.hearth.protocol.OriginSpec;
import java.io.IOException;
import java.net.BindException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Properties;
import java.util.random.RandomGenerator;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobProviderMetadata;
import org.jclouds.ContextBuilder;
import org.jclouds.blobstore.BlobStore;
import org.jclouds.blobstore.BlobStoreContext;
import org.jclouds.blobstore.TransientApiMetadata;
import org.jclouds.filesystem.reference.FilesystemConstants;
import org.jclouds.io.Payload;
import org.jclouds.io.Payloads;

/**
 * An S3 server over a directory, on loopback unless told otherwise. Thread-safe.
 *
 * <p>Keys are paths, so what files cannot do, keys cannot: {@code a} and {@code a/b} at once, a segment over 255 bytes,
 * {@code ..}. Listings are in the order of Java strings, which is not UTF-8's for characters beyond U+FFFF.
 *
 * <p>Every object has a strong ETag, also one put into the directory by hand (see {@link FileEtags}); listings read the
 * whole directory for each page, so this is no store for millions of files.
 */
public final class EmbeddedStore implements AutoCloseable {
    /** Enough for 64 requests at once beside Jetty's own threads. */
    private static final int THREADS_MAX = 100;

    private static final String LOOPBACK = "127.0.0.1";

    private final Optional<Path> directory;
    private final String host;
    private final Credentials credentials;
    private final BlobStoreContext context;
    private final BlobStore blobs;
    private final S3Proxy server;

    private EmbeddedStore(
            Optional<Path> directory,
            Credentials credentials,
            BlobStoreContext context,
            BlobStore blobs,
            String host,
            int port) {
        this.directory = directory;
        this.host = host;
        this.credentials = credentials;
        this.context = context;
        this.blobs = blobs;
        S3Proxy.Builder builder = S3Proxy.builder()
                .blobStore(blobs)
                .endpoint(URI.create("http://" + host + ":" + port))
                .ignoreUnknownHeaders(true)
                .jettyMaxThreads(THREADS_MAX);
        if (credentials instanceof Credentials.Keys keys) {
            builder.awsAuthentication(AuthenticationType.AWS_V2_OR_V4, keys.accessKeyId(), keys.secretAccessKey());
        }
        this.server = builder.build();
    }

    /** Starts a server that takes unsigned requests on an ephemeral port. */
    public static EmbeddedStore start(Path directory) {
        return start(directory, 0, new Credentials.Anonymous());
    }

    /** As {@link #start(Path, String, int, Credentials)}, on 127.0.0.1. */
    public static EmbeddedStore start(Path directory, int port, Credentials credentials) {
        return start(directory, LOOPBACK, port, credentials);
    }

    /**
     * Starts a server; once this returns it answers.
     *
     * @param host the address to listen on
     * @param directory made where it does not exist; holds a directory per bucket
     * @param port 0 for an ephemeral one
     * @param credentials keys that requests must be signed with, or {@link Credentials.Anonymous}
     * @throws HearthException {@link FailureKind#CONFLICT} where the port is taken, {@link FailureKind#INVALID} where
     *     the directory cannot be made
     */
    public static EmbeddedStore start(Path directory, String host, int port, Credentials credentials) {
        Path absolute = directory.toAbsolutePath().normalize();
        try {
            Files.createDirectories(absolute);
        } catch (IOException e) {
            throw new HearthException(
                    FailureKind.INVALID, "cannot make the directory " + absolute + " of the embedded store: " + e, e);
        }
        Properties properties = new Properties();
        properties.setProperty(FilesystemConstants.PROPERTY_BASEDIR, absolute.toString());
        // The provider is named directly: the service loader would try the excluded clouds' providers too.
        BlobStoreContext context = ContextBuilder.newBuilder(new FilesystemNio2BlobProviderMetadata())
                .credentials("local", "local")
                .overrides(properties)
                .build(BlobStoreContext.class);
        BlobStore blobs = new EtagBlobStore(context.getBlobStore(), new FileEtags(absolute));
        return started(new EmbeddedStore(Optional.of(absolute), credentials, context, blobs, host, port), port);
    }

    /**
     * Starts a server on an ephemeral port that keeps everything in memory: for tests of keys that no directory can
     * hold, such as {@code a} beside {@code a/b}.
     */
    public static EmbeddedStore inMemory(Credentials credentials) {
        BlobStoreContext context =
                ContextBuilder.newBuilder(new TransientApiMetadata()).build(BlobStoreContext.class);
        return started(
                new EmbeddedStore(Optional.empty(), credentials, context, context.getBlobStore(), LOOPBACK, 0), 0);
    }

    private static EmbeddedStore started(EmbeddedStore store, int port) {
        try {
            store.server.start();
            return store;
        } catch (Exception e) {
            store.close();
            throw refused(port, e);
        }
    }

    /** Keys for {@link #start(Path, int, Credentials)}: 20 and 40 characters. */
    public static Credentials.Keys randomKeys(RandomGenerator random) {
        byte[] bytes = new byte[30];
        random.nextBytes(bytes);
        String hex = HexFormat.of().withUpperCase().formatHex(bytes);
        return new Credentials.Keys(hex.substring(0, 20), hex.substring(20), Optional.empty());
    }

    public URI endpoint() {
        return URI.create("http://" + host + ":" + server.getPort());
    }

    /** The directory over which the server runs, with one directory per bucket in it; empty for one in memory. */
    public Optional<Path> directory() {
        return directory;
    }

    /** How to read {@code prefix} of {@code bucket} here; the prefix is empty or ends with {@code /}. */
    public OriginAccess access(String bucket, String prefix) {
        OriginSpec origin = new OriginSpec(bucket, prefix, Optional.of(endpoint()), Optional.empty(), true);
        return new OriginAccess(origin, credentials);
    }

    /**
     * Makes the bucket unless it is there. A name has 3 to 255 characters of {@code a-z A-Z 0-9 . _ -}, else it is
     * never found.
     */
    public void createBucket(String bucket) {
        blobs.createContainerInLocation(null, bucket);
    }

    /**
     * Stores the file's bytes under the key, atomically and in one pass over them (copy and MD5 together), whatever the
     * size; the ETag is the MD5.
     */
    public void put(String bucket, String key, Path file) {
        put(bucket, key, Payloads.newFilePayload(file.toFile()));
    }

    /** Stores the bytes under the key; a key that ends with {@code /} is a directory marker and takes no bytes. */
    public void put(String bucket, String key, byte[] bytes) {
        put(bucket, key, Payloads.newByteArrayPayload(bytes));
    }

    private void put(String bucket, String key, Payload payload) {
        directory.ifPresent(root -> requireFree(root.resolve(bucket).resolve(key), key));
        blobs.putBlob(bucket, blobs.blobBuilder(key).payload(payload).build());
    }

    private static void requireFree(Path file, String key) {
        boolean marker = key.endsWith("/");
        if (!marker && Files.isDirectory(file) || marker && Files.isRegularFile(file)) {
            throw new HearthException(
                    FailureKind.CONFLICT, "'" + key + "' cannot be both a key and a prefix in the embedded store");
        }
    }

    /** Removes the object if it is there. */
    public void delete(String bucket, String key) {
        blobs.removeBlob(bucket, key);
    }

    /** Stops the server; requests in flight are cut off. Files stay. */
    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new HearthException(FailureKind.INTERNAL, "the embedded store did not stop: " + e, e);
        } finally {
            context.close();
        }
    }

    private static HearthException refused(int port, Exception failure) {
        boolean taken = failure instanceof BindException || failure.getCause() instanceof BindException;
        return taken
                ? new HearthException(
                        FailureKind.CONFLICT,
                        "port " + port + " is taken: stop what listens there, or choose another port for the store",
                        failure)
                : new HearthException(FailureKind.INTERNAL, "the embedded store did not start: " + failure, failure);
    }
}
