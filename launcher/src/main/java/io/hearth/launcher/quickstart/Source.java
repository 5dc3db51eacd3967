package io.hearth.launcher.quickstart;

import io.hearth.client.MasterApi;
import io.hearth.embedded.EmbeddedStore;
import io.hearth.launcher.process.Lifetime;
import io.hearth.protocol.Credentials;
import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.DatasetSpec;
import io.hearth.protocol.api.DatasetSpec.EncryptOption;
import io.hearth.protocol.api.DatasetSpec.MountSpec;
import io.hearth.protocol.api.DatasetSpec.SecretKeyRef;
import io.hearth.protocol.api.DatasetSpec.ValueFrom;
import io.hearth.protocol.settings.DataSize;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The origin of the story: a sample in an S3 server of ours, or the user's own bucket. */
abstract sealed class Source {
    private static final String SECRET = "quickstart";
    private static final String BUCKET = "hearth-sample";
    private static final int DIGEST_THREADS = 2;

    /** The dataset's declaration. */
    abstract DatasetSpec spec();

    /** The origin as shown to the user. */
    abstract String uri();

    /** The SHA-256 of every file, taken from the source itself, past Hearth. */
    abstract Map<String, String> digests(MasterApi api, DatasetName dataset, PrintStream progress) throws Exception;

    static Source prepare(Stage stage, QuickstartOptions options, Lifetime lifetime, PrintStream notices)
            throws IOException {
        if (options.origin().isPresent()) {
            return new Bucket(stage, options);
        }
        Path directory = stage.settings().home().resolve("quickstart").resolve("s3");
        Credentials.Keys keys = EmbeddedStore.randomKeys(new SecureRandom());
        Path secret = stage.settings().home().resolve("secrets").resolve(SECRET);
        Files.createDirectories(secret);
        writeSecret(secret.resolve("accessKeyId"), keys.accessKeyId());
        writeSecret(secret.resolve("secretAccessKey"), keys.secretAccessKey());
        EmbeddedStore store = lifetime.start(() -> EmbeddedStore.start(directory, 0, keys));
        store.createBucket(BUCKET);
        Path model = directory.resolve(BUCKET).resolve("model");
        writeSample(model, options.sampleBytes());
        return new Sample(store, model);
    }

    private static void writeSample(Path model, long bytes) {
        try {
            clear(model);
            new SampleModel().write(model, bytes);
        } catch (IOException e) {
            throw new HearthException(
                    FailureKind.NO_SPACE,
                    "cannot write the sample of " + DataSize.format(bytes) + " in " + model + ": " + e.getMessage()
                            + "; free some space, or choose a smaller --size or another place (HEARTH_HOME; TMPDIR with --once)",
                    e);
        }
    }

    private static void writeSecret(Path file, String value) throws IOException {
        Files.deleteIfExists(file);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, value);
    }

    private static void clear(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> walk = Files.walk(directory)) {
            for (Path path : walk.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /** The written sample, behind the embedded S3 server. */
    private static final class Sample extends Source {
        private final EmbeddedStore store;
        private final Path files;

        Sample(EmbeddedStore store, Path files) {
            this.store = store;
            this.files = files;
        }

        @Override
        DatasetSpec spec() {
            MountSpec mount = new MountSpec(
                    "s3://" + BUCKET + "/model/",
                    Optional.empty(),
                    Optional.empty(),
                    Map.of("endpoint", store.endpoint().toString()),
                    List.of(secret("accessKeyId"), secret("secretAccessKey")),
                    Optional.empty());
            return new DatasetSpec(List.of(mount), Optional.empty());
        }

        private static EncryptOption secret(String key) {
            return new EncryptOption(key, new ValueFrom(new SecretKeyRef(SECRET, key)));
        }

        @Override
        String uri() {
            return "s3://" + BUCKET + "/model/ at " + store.endpoint();
        }

        @Override
        Map<String, String> digests(MasterApi api, DatasetName dataset, PrintStream progress) throws Exception {
            return TreeReader.read(files, DIGEST_THREADS, progress).sha256();
        }
    }

    /** A bucket of the user's. */
    private static final class Bucket extends Source {
        private final Stage stage;
        private final QuickstartOptions options;

        Bucket(Stage stage, QuickstartOptions options) {
            this.stage = stage;
            this.options = options;
        }

        @Override
        DatasetSpec spec() {
            Map<String, String> mountOptions = new HashMap<>();
            options.endpoint().ifPresent(value -> mountOptions.put("endpoint", value.toString()));
            options.region().ifPresent(value -> mountOptions.put("region", value));
            options.credentials().ifPresent(value -> mountOptions.put("credentials", value));
            MountSpec mount = new MountSpec(
                    options.origin().orElseThrow(),
                    Optional.empty(),
                    Optional.empty(),
                    mountOptions,
                    List.of(),
                    Optional.empty());
            return new DatasetSpec(List.of(mount), Optional.empty());
        }

        @Override
        String uri() {
            return options.origin().orElseThrow()
                    + options.endpoint().map(endpoint -> " at " + endpoint).orElse("");
        }

        @Override
        Map<String, String> digests(MasterApi api, DatasetName dataset, PrintStream progress) {
            return OriginDigests.of(stage.settings(), api, dataset, progress);
        }
    }
}
