package io.hearth.launcher.command;

import io.hearth.launcher.quickstart.Quickstart;
import io.hearth.launcher.quickstart.QuickstartOptions;
import io.hearth.launcher.quickstart.SampleModel;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.settings.DataSize;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code hearth quickstart}. */
@Command(
        name = "quickstart",
        mixinStandardHelpOptions = true,
        description =
                "One machine, nothing else needed: an S3 server, master, worker and mount; read cold, load, read warm.")
final class QuickstartCommand implements Callable<Integer> {
    @Mixin
    private SettingsOptions settings;

    @Mixin
    private OutputOption output;

    @Option(names = "--once", description = "End after the story; use a fresh temporary home and remove it.")
    private boolean once;

    @Option(
            names = "--size",
            paramLabel = "SIZE",
            description = "Size of the sample (default: ${DEFAULT-VALUE}).",
            defaultValue = "512MiB")
    private String size;

    @Option(names = "--origin", paramLabel = "URI", description = "Use this s3://bucket/prefix instead of a sample.")
    private Optional<String> origin = Optional.empty();

    @Option(names = "--endpoint", paramLabel = "URL", description = "The origin's S3-compatible service.")
    private Optional<URI> endpoint = Optional.empty();

    @Option(names = "--region", paramLabel = "REGION", description = "The origin's region.")
    private Optional<String> region = Optional.empty();

    @Option(
            names = "--credentials",
            paramLabel = "REF",
            description = "The origin's keys: default, env, env:PREFIX, file:PATH or anonymous (default: default).")
    private Optional<String> credentials = Optional.empty();

    @Override
    public Integer call() throws Exception {
        DataSize sample = DataSize.parse(size);
        if (sample.bytes() < SampleModel.BYTES_MIN) {
            throw new HearthException(
                    FailureKind.INVALID,
                    "--size " + size + " is too small: " + DataSize.format(SampleModel.BYTES_MIN) + " is the least");
        }
        if (origin.isEmpty() && (endpoint.isPresent() || region.isPresent() || credentials.isPresent())) {
            throw new HearthException(
                    FailureKind.INVALID, "--endpoint, --region and --credentials go with --origin s3://bucket/prefix");
        }
        QuickstartOptions options =
                new QuickstartOptions(once, sample.bytes(), origin, endpoint, region, credentials, output.format());
        return Quickstart.run(settings.load(), options, System.out, System.err) ? 0 : 1;
    }
}
