package io.hearth.launcher.command;

import io.hearth.protocol.DatasetName;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.DatasetSpec;
import io.hearth.protocol.api.DatasetSpec.MountSpec;
import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A dataset's declaration, from flags or from a file; used by create, check and update. */
final class DatasetSource {
    @Parameters(index = "0", arity = "0..1", paramLabel = "NAME", description = "The dataset's name.")
    private Optional<String> name = Optional.empty();

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "A YAML file in the words of Fluid's Dataset, instead of flags.")
    private Optional<Path> file = Optional.empty();

    @Option(names = "--origin", paramLabel = "URI", description = "s3://bucket or s3://bucket/prefix.")
    private Optional<String> origin = Optional.empty();

    @Option(names = "--endpoint", paramLabel = "URL", description = "URL of an S3-compatible service; absent: AWS.")
    private Optional<URI> endpoint = Optional.empty();

    @Option(names = "--region", paramLabel = "REGION", description = "The signing region.")
    private Optional<String> region = Optional.empty();

    @Option(
            names = "--path-style",
            negatable = true,
            description = "The bucket stands in the path (default with --endpoint) or in the host name.")
    private Optional<Boolean> pathStyle = Optional.empty();

    @Option(
            names = "--credentials",
            paramLabel = "REF",
            description = "Where the master finds the keys: default (AWS default chain), env, env:PREFIX,"
                    + " file:PATH[#PROFILE] or anonymous.")
    private Optional<String> credentials = Optional.empty();

    @Option(
            names = "--refresh",
            paramLabel = "AGE",
            description = "How old the listing may be while somebody mounts it, such as 60s, or manual.")
    private Optional<String> refresh = Optional.empty();

    /** The declaration and the name, which a file may bring along. */
    record Declared(DatasetName name, DatasetSpec spec) {}

    Declared read(String namespace) {
        if (file.isPresent()) {
            if (origin.isPresent()) {
                throw new HearthException(FailureKind.INVALID, "give either --file or --origin, not both");
            }
            return DatasetFile.read(file.get(), namespace, name);
        }
        String uri = origin.orElseThrow(() ->
                new HearthException(FailureKind.INVALID, "give --origin s3://bucket/prefix, or --file dataset.yaml"));
        String given = name.orElseThrow(() ->
                new HearthException(FailureKind.INVALID, "name the dataset: hearth dataset create NAME --origin URI"));
        Map<String, String> options = new LinkedHashMap<>();
        endpoint.ifPresent(value -> options.put("endpoint", value.toString()));
        region.ifPresent(value -> options.put("region", value));
        pathStyle.ifPresent(value -> options.put("pathStyle", value.toString()));
        credentials.ifPresent(value -> options.put("credentials", value));
        MountSpec mount = new MountSpec(uri, Optional.empty(), Optional.empty(), options, List.of(), Optional.empty());
        return new Declared(new DatasetName(namespace, given), new DatasetSpec(List.of(mount), refresh));
    }
}
