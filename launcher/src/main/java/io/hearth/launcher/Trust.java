package io.hearth.launcher;

import io.hearth.launcher.settings.Settings;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.trust.ClusterToken;
import io.hearth.protocol.trust.TokenFile;
import io.hearth.protocol.trust.TrustSettings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** By what this process and others of its cluster know each other, and where it may listen with that. */
public final class Trust {
    private static final Logger LOG = LoggerFactory.getLogger(Trust.class);

    private Trust() {}

    /** The token in the file that the settings name, followed as it changes. */
    public static ClusterToken token(Settings settings) {
        return TokenFile.open(settings.get(TrustSettings.class), System::nanoTime, LOG::warn);
    }

    /**
     * Refuses an address beyond loopback where there is no token: anybody there could read every dataset.
     *
     * @param setting names the address in the message
     */
    public static void requireFor(String setting, String address, ClusterToken token) {
        if (!isLoopback(setting, address) && !token.present()) {
            throw new HearthException(
                    FailureKind.INVALID,
                    "setting " + setting + ": " + address
                            + " is beyond loopback, which needs the cluster's token: make one"
                            + " with 'openssl rand -hex 32' in the file trust.token-file of every process, or use 127.0.0.1");
        }
    }

    /** Refuses every address beyond loopback. */
    public static void requireLoopback(String setting, String address) {
        if (!isLoopback(setting, address)) {
            throw new HearthException(
                    FailureKind.INVALID,
                    "setting " + setting + ": " + address
                            + " is beyond loopback, which this version does not secure: use" + " 127.0.0.1");
        }
    }

    private static boolean isLoopback(String setting, String address) {
        try {
            return InetAddress.getByName(address).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new HearthException(
                    FailureKind.INVALID, "setting " + setting + ": unknown host '" + address + "'", e);
        }
    }
}
