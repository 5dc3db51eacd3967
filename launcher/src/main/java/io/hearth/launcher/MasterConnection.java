package io.hearth.launcher;

import io.hearth.client.ClientSettings;
import io.hearth.client.MasterApi;
import io.hearth.client.http.HttpMasterApi;
import io.hearth.launcher.settings.ProcessSettings;
import io.hearth.launcher.settings.Settings;
import io.hearth.protocol.trust.ClusterToken;

/** Opens the API of the masters that the settings name. */
public final class MasterConnection {
    private MasterConnection() {}

    /** {@link #open(Settings, ClusterToken)} with the token that the settings name. */
    public static MasterApi open(Settings settings) {
        return open(settings, Trust.token(settings));
    }

    /** Does no I/O; the caller closes it. */
    public static MasterApi open(Settings settings, ClusterToken token) {
        return new HttpMasterApi(
                settings.get(ProcessSettings.class).masters(), settings.get(ClientSettings.class), token);
    }
}
