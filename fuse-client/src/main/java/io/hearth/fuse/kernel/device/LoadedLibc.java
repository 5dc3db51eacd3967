package io.hearth.fuse.kernel.device;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.util.Optional;
import jnr.ffi.LibraryLoader;

/** {@link Libc} as jnr-ffi made it: once in a process, for it makes a class each time. */
final class LoadedLibc {
    private static final LoadedLibc ONLY = attempt();

    private final Optional<Libc> calls;
    private final String problem;

    private LoadedLibc(Optional<Libc> calls, String problem) {
        this.calls = calls;
        this.problem = problem;
    }

    /** @throws HearthException if jnr-ffi cannot load its native part, to each caller */
    static Libc calls() {
        return ONLY.calls.orElseThrow(() -> new HearthException(FailureKind.UNAVAILABLE, ONLY.problem));
    }

    private static LoadedLibc attempt() {
        try {
            return new LoadedLibc(
                    Optional.of(
                            LibraryLoader.create(Libc.class).failImmediately().load("c")),
                    "");
        } catch (UnsatisfiedLinkError e) {
            return new LoadedLibc(
                    Optional.empty(),
                    "jnr-ffi cannot load its native part: " + e.getMessage()
                            + " (with a read-only root set -Djffi.extract.dir to a folder where programs may run)");
        }
    }
}
