package io.hearth.bench.stage;

import io.hearth.embedded.EmbeddedStore;
import io.hearth.protocol.Credentials;
import java.io.IOException;
import java.nio.file.Path;

/** S3Proxy over a directory, at an address, as a process of its own, until its standard input ends. */
public final class OriginMain {
    private OriginMain() {}

    public static void main(String[] arguments) throws IOException {
        try (EmbeddedStore store =
                EmbeddedStore.start(Path.of(arguments[0]), arguments[1], 0, new Credentials.Anonymous())) {
            System.out.println("origin at " + store.endpoint());
            System.in.transferTo(java.io.OutputStream.nullOutputStream());
        }
    }
}
