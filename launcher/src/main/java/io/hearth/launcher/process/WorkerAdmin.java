package io.hearth.launcher.process;

import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.client.WebClientBuilder;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.auth.AuthToken;
import io.hearth.launcher.Trust;
import io.hearth.launcher.settings.Settings;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.ErrorDocument;
import io.hearth.protocol.api.Json;
import io.hearth.protocol.api.LendingOrder;
import io.hearth.protocol.api.LendingStatus;
import io.hearth.protocol.trust.ClusterToken;
import io.hearth.worker.WorkerSettings;
import java.net.URI;
import java.time.Duration;
import java.util.function.Function;

/** Asks the worker behind an admin port what it lends, and to lend less or more. */
public final class WorkerAdmin {
    /** Freeing takes 150 ms for each GiB of small pages. */
    private static final Duration ANSWER_MAX = Duration.ofSeconds(60);

    private static final String PATH = "/v1/lending";

    private final URI admin;
    private final ClusterToken token;

    /** @param admin {@code http://127.0.0.1:7072} */
    public WorkerAdmin(URI admin, ClusterToken token) {
        this.admin = admin;
        this.token = token;
    }

    /** Of the worker that these settings would start. */
    public static WorkerAdmin byTheSettings(Settings settings) {
        WorkerSettings worker = settings.get(WorkerSettings.class);
        return new WorkerAdmin(URI.create("http://" + worker.host() + ":" + worker.adminPort()), Trust.token(settings));
    }

    /** @throws HearthException in one line if no worker answers there */
    public LendingStatus lending() {
        return ask(client -> client.get(PATH), LendingStatus.class);
    }

    /** @throws HearthException as {@link #lending}, or as the worker refuses it */
    public LendingOrder.Result order(LendingOrder order) {
        return ask(
                client -> client.execute(HttpRequest.of(HttpMethod.POST, PATH, MediaType.JSON, Json.write(order))),
                LendingOrder.Result.class);
    }

    private <T> T ask(Function<WebClient, HttpResponse> request, Class<T> type) {
        try (ClientFactory factory = ClientFactory.builder().build()) {
            WebClientBuilder builder = WebClient.builder(admin).factory(factory).responseTimeout(ANSWER_MAX);
            if (token.present()) {
                builder.auth(AuthToken.ofOAuth2(token.shown()));
            }
            WebClient client = builder.build();
            AggregatedHttpResponse answer = request.apply(client).aggregate().join();
            byte[] body = answer.content().array();
            if (!answer.status().isSuccess()) {
                throw new HearthException(
                        answer.status().code() == 401 ? FailureKind.DENIED : FailureKind.INVALID,
                        Json.read(body, ErrorDocument.class).message());
            }
            return Json.read(body, type);
        } catch (HearthException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new HearthException(
                    FailureKind.UNAVAILABLE, "no worker answers at " + admin + ": name its admin port with --admin", e);
        }
    }
}
