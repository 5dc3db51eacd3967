package io.hearth.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hearth.client.ClientMetrics;
import io.hearth.client.ClientSettings;
import io.hearth.client.intent.IntentMetrics;
import io.hearth.client.intent.IntentSettings;
import io.hearth.client.local.LocalSettings;
import io.hearth.cluster.ClusterSettings;
import io.hearth.fuse.MountMetrics;
import io.hearth.fuse.MountSettings;
import io.hearth.launcher.settings.ProcessSettings;
import io.hearth.master.MasterMetrics;
import io.hearth.master.MasterSettings;
import io.hearth.objectstore.OriginMetrics;
import io.hearth.objectstore.OriginSettings;
import io.hearth.prefetch.LoadMetrics;
import io.hearth.prefetch.LoadSettings;
import io.hearth.protocol.settings.Setting;
import io.hearth.protocol.settings.SettingsBinder;
import io.hearth.protocol.trust.TrustSettings;
import io.hearth.worker.WorkerSettings;
import io.hearth.worker.descriptor.DescriptorMetrics;
import io.hearth.worker.descriptor.DescriptorSettings;
import io.hearth.worker.descriptor.KeepSettings;
import io.hearth.worker.fill.PrefetchSettings;
import io.hearth.worker.integrity.IntegrityMetrics;
import io.hearth.worker.integrity.IntegritySettings;
import io.hearth.worker.lend.LendMetrics;
import io.hearth.worker.lend.LendSettings;
import io.hearth.worker.memory.MemoryBudget;
import io.hearth.worker.memory.MemoryMetrics;
import io.hearth.worker.metrics.TierMetrics;
import io.hearth.worker.metrics.WorkerMetrics;
import io.hearth.worker.share.LeaseSettings;
import io.hearth.worker.tier.TierSettings;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusNamingConvention;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The reference pages are made from the code. With {@code -Dhearth.docs.write=true} they are written; without, a page
 * that differs fails the build.
 */
class GeneratedDocsTest {
    private static final Path MODULE = Path.of("").toAbsolutePath();
    private static final Path DOCS = MODULE.resolveSibling("docs");
    private static final Path NAMES =
            MODULE.resolve("src/main/resources/io/hearth/launcher/settings/setting-names.txt");

    private static final Map<String, Class<? extends Record>> SETTINGS = settings();

    private static Map<String, Class<? extends Record>> settings() {
        Map<String, Class<? extends Record>> records = new LinkedHashMap<>();
        records.put("Processes", ProcessSettings.class);
        records.put("Trust", TrustSettings.class);
        records.put("Master", MasterSettings.class);
        records.put("Loads", LoadSettings.class);
        records.put("Cluster store", ClusterSettings.class);
        records.put("Worker", WorkerSettings.class);
        records.put("Lending (worker)", LendSettings.class);
        records.put("Checks of resident bytes", IntegritySettings.class);
        records.put("Leases of loads", LeaseSettings.class);
        records.put("Tiers (worker)", TierSettings.class);
        records.put("Long hints (worker)", PrefetchSettings.class);
        records.put("Descriptors (worker)", DescriptorSettings.class);
        records.put("Passthrough for mounts without the right (worker)", KeepSettings.class);
        records.put("Read path", ClientSettings.class);
        records.put("Descriptors (mount)", LocalSettings.class);
        records.put("Models filled ahead (mount)", IntentSettings.class);
        records.put("Mount", MountSettings.class);
        records.put("Origin", OriginSettings.class);
        return records;
    }

    @Test
    void theSettingsPageIsTheCodes() throws IOException {
        StringBuilder page = new StringBuilder("""
                # Settings

                Made from the code; see CONTRIBUTING.md. A setting stands in `$HEARTH_HOME/hearth.yaml` (nested or dotted), in an
                environment variable, or in a flag `--set NAME=VALUE`; the later wins. Unknown names are errors. Sizes are written
                `512MiB`, durations `200ms`, `5s`, `10m`. `${home}` is `$HEARTH_HOME`, `~/.hearth` where that is not set.

                Steering the command itself: `HEARTH_HOME`, `HEARTH_HEAP` (JVM heap, `512m` for a master, `256m` else),
                `HEARTH_DIRECT` (direct memory of servers, `512m`: raise it with `worker.memory`), `HEARTH_JAVA_OPTS`, `HEARTH_LOG` (`WARN`, `INFO`, `DEBUG`).

                ## Options of a dataset's mounts

                | option | default | meaning |
                |---|---|---|
                | `endpoint` | AWS | URL of an S3-compatible service |
                | `region` | `us-east-1` with an endpoint, else the AWS default chain's | signing region |
                | `pathStyle` | `true` with an endpoint, else `false` | whether the bucket stands in the path |
                | `credentials` | `default` | `default` (AWS default chain of the master), `env`, `env:PREFIX` (`PREFIX_ACCESS_KEY_ID`, `PREFIX_SECRET_ACCESS_KEY`, `PREFIX_SESSION_TOKEN`), `file:PATH` or `file:PATH#PROFILE` (an AWS credentials file), `anonymous` |

                `encryptOptions` named `accessKeyId`, `secretAccessKey` and `sessionToken` refer to files
                `SECRETS_DIR/secret name/key` (setting `master.secrets-dir`), as Kubernetes mounts secrets.
                """);
        SETTINGS.forEach((title, type) -> {
            page.append("\n## ").append(title).append("\n\n");
            page.append("| setting | default | range | environment | meaning |\n|---|---|---|---|---|\n");
            for (Setting setting : SettingsBinder.settings(type)) {
                page.append("| `").append(setting.name()).append("` | ");
                page.append(setting.value().isEmpty() ? "" : "`" + setting.value() + "`")
                        .append(" | ");
                page.append(range(setting)).append(" | `");
                page.append(SettingsBinder.environmentName(setting.name())).append("` | ");
                page.append(setting.description()).append(" |\n");
            }
        });
        held(DOCS.resolve("SETTINGS.md"), page.toString());
    }

    @Test
    void theListOfSettingNamesIsTheCodes() throws IOException {
        TreeSet<String> names = new TreeSet<>();
        SETTINGS.values().forEach(type -> SettingsBinder.settings(type).forEach(setting -> names.add(setting.name())));
        held(NAMES, String.join("\n", names) + "\n");
    }

    @Test
    void theMetricsPageIsTheCodes() throws IOException {
        StringBuilder page = new StringBuilder("""
                # Metrics

                Made from the code; see CONTRIBUTING.md. Every process serves them as Prometheus text at `/metrics`, beside the
                usual `jvm_*`, `process_*` and `system_*`. Timers give `_count`, `_sum` and `_max` in seconds.
                """);
        section(page, "Origin (worker; master; mounts without a worker)", OriginMetrics::new);
        section(page, "Read path (worker and mount)", ClientMetrics::new);
        section(page, "Models filled ahead (mount)", IntentMetrics::new);
        section(page, "Master", MasterMetrics::new);
        section(page, "Loads (master)", LoadMetrics::new);
        section(page, "Worker", WorkerMetrics::new);
        section(page, "Lending (worker)", LendMetrics::new);
        section(page, "Checks of resident bytes (worker)", IntegrityMetrics::new);
        section(page, "Descriptors (worker)", DescriptorMetrics::new);
        section(page, "Memory (worker)", registry -> MemoryMetrics.register(registry, new MemoryBudget(1, 1)));
        section(page, "Tiers (worker)", TierMetrics::new);
        section(page, "Mount", MountMetrics::new);
        held(DOCS.resolve("METRICS.md"), page.toString());
    }

    private static void section(StringBuilder page, String title, Consumer<MeterRegistry> register) {
        MeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        register.accept(registry);
        Map<String, List<Meter>> byName = new TreeMap<>(registry.getMeters().stream()
                .collect(Collectors.groupingBy(
                        meter -> meter.getId().getConventionName(new PrometheusNamingConvention()))));
        page.append("\n## ").append(title).append("\n\n| metric | type | labels | meaning |\n|---|---|---|---|\n");
        byName.forEach((name, meters) -> {
            Meter.Id id = meters.get(0).getId();
            Map<String, TreeSet<String>> labels = new TreeMap<>();
            meters.forEach(meter -> meter.getId()
                    .getTags()
                    .forEach(tag -> labels.computeIfAbsent(tag.getKey(), key -> new TreeSet<>())
                            .add("`" + tag.getValue() + "`")));
            String shown = labels.entrySet().stream()
                    .map(label -> "`" + label.getKey() + "`: " + String.join(", ", label.getValue()))
                    .collect(Collectors.joining("; "));
            // The exposition, not the naming convention, adds a counter's suffix.
            String suffix = id.getType() == Meter.Type.COUNTER ? "_total" : "";
            page.append("| `").append(name).append(suffix).append("` | ");
            page.append(id.getType().name().toLowerCase(java.util.Locale.ROOT))
                    .append(" | ")
                    .append(shown)
                    .append(" | ");
            page.append(id.getDescription()).append(" |\n");
        });
        registry.close();
    }

    private static String range(Setting setting) {
        if (setting.min().isEmpty() && setting.max().isEmpty()) {
            return "";
        }
        return setting.max().isEmpty() ? "from " + setting.min() : setting.min() + " to " + setting.max();
    }

    private static void held(Path file, String wanted) throws IOException {
        if (Boolean.getBoolean("hearth.docs.write")) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, wanted);
        }
        assertEquals(wanted, Files.readString(file), file.getFileName() + " is not what the code says: write it anew");
    }
}
