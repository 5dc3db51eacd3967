package io.hearth.embedded;

import java.io.IOException;
import java.nio.file.Path;

/** An embedded store as a process, for measurements: serves the directory until its standard input ends. */
public final class EmbeddedStoreServer {
    private EmbeddedStoreServer() {}

    public static void main(String[] arguments) throws IOException {
        try (EmbeddedStore store = EmbeddedStore.start(Path.of(arguments[0]))) {
            System.out.println(store.endpoint());
            while (System.in.read() >= 0) {
                Thread.onSpinWait();
            }
        }
    }
}
