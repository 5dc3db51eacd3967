package io.hearth.client;

import io.hearth.protocol.ObjectRef;
import java.util.List;
import java.util.Optional;

/** The files beside one file, in its directory. Thread-safe; does no I/O. */
public interface Siblings {
    /** None is known. */
    Siblings NONE = new Siblings() {
        @Override
        public List<String> names(String suffix, int entriesMax) {
            return List.of();
        }

        @Override
        public Optional<ObjectRef> named(String name) {
            return Optional.empty();
        }
    };

    /** Names that end so, of the first {@code entriesMax} in the directory. */
    List<String> names(String suffix, int entriesMax);

    /** The version that an open of that name would pin now; empty where no file has it. */
    Optional<ObjectRef> named(String name);
}
