package io.hearth.launcher.it;

import io.hearth.embedded.EmbeddedStore;
import io.hearth.protocol.Credentials;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Optional;

/** An S3 server over a directory, at an address of a host of its own, with the keys of its environment; until its input ends. */
final class StoreMain {
    private StoreMain() {}

    public static void main(String[] arguments) throws IOException {
        Credentials keys = new Credentials.Keys(
                System.getenv("AWS_ACCESS_KEY_ID"), System.getenv("AWS_SECRET_ACCESS_KEY"), Optional.empty());
        try (EmbeddedStore store = EmbeddedStore.start(Path.of(arguments[0]), arguments[1], 0, keys)) {
            System.out.println("store at " + store.endpoint());
            System.in.transferTo(OutputStream.nullOutputStream());
        }
    }
}
