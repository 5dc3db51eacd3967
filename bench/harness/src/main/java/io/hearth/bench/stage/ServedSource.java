package io.hearth.bench.stage;

import io.hearth.bench.BenchRun;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Files of noise in a bucket of an unthrottled S3 server, and the same as local files in memory.
 *
 * @param endpoint the server's URL
 * @param directory the bucket's
 */
public record ServedSource(URI endpoint, String bucket, Path directory, List<SourceFile> files) {
    /** Writes the files and starts the server; both end with the run. The seeds are {@code seed} and those after it. */
    public static ServedSource start(BenchRun run, String bucket, List<String> keys, long seed, long fileBytes)
            throws IOException {
        Path origin = run.newMemoryDirectory("origin", fileBytes * keys.size());
        run.say("writing the source");
        List<SourceFile> files = new ArrayList<>();
        for (String key : keys) {
            files.add(SourceFile.write(origin, bucket, key, seed + files.size(), fileBytes));
        }
        OriginProcess server = run.owned()
                .own(OriginProcess.start(origin, run.newDirectory("log").resolve("origin.log")));
        return new ServedSource(server.endpoint(), bucket, origin.resolve(bucket), List.copyOf(files));
    }

    /** Bytes of all files. */
    public long sizeBytes() {
        return files.stream().mapToLong(SourceFile::sizeBytes).sum();
    }
}
