package io.hearth.protocol.trust;

import io.hearth.protocol.settings.Setting;
import java.nio.file.Path;
import java.time.Duration;

/** By what processes of one cluster know each other. */
public record TrustSettings(
        @Setting(
                name = "trust.token-file",
                value = "${home}/token",
                description =
                        "File with the cluster's token: 16 to 256 letters, digits and -._~+/= in a line. Every line's"
                                + " token is taken, the first is shown to others. Where the file does not exist there is no token,"
                                + " and nothing listens beyond loopback.")
        Path tokenFile,

        @Setting(
                name = "trust.token-reread",
                value = "1s",
                min = "100ms",
                max = "1h",
                description = "How long a change of the token file may go unseen.")
        Duration tokenReread) {}
