package io.hearth.launcher.quickstart;

import io.hearth.launcher.output.Format;
import java.net.URI;
import java.util.Optional;

/** What the user asked of the quickstart; an absent origin means the sample. */
public record QuickstartOptions(
        boolean once,
        long sampleBytes,
        Optional<String> origin,
        Optional<URI> endpoint,
        Optional<String> region,
        Optional<String> credentials,
        Format format) {}
