package io.hearth.master;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import io.hearth.protocol.api.DatasetSpec.EncryptOption;
import io.hearth.protocol.api.DatasetSpec.SecretKeyRef;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Where a mount's credentials are; never what they are. */
sealed interface CredentialReference {
    /** The reference in one text. Equal texts are one credential scope: they share cached bytes within a namespace. */
    String text();

    record Anonymous() implements CredentialReference {
        @Override
        public String text() {
            return "anonymous";
        }
    }

    /** The AWS default chain of the process that asks the origin. */
    record DefaultChain() implements CredentialReference {
        @Override
        public String text() {
            return "default";
        }
    }

    /** {@code PREFIX_ACCESS_KEY_ID} and its like in the master's environment; {@code AWS} for plain {@code env}. */
    record Environment(String prefix) implements CredentialReference {
        @Override
        public String text() {
            return "env:" + prefix;
        }
    }

    /** A profile of a file in the form of {@code ~/.aws/credentials}, on the master's machine. */
    record File(Path path, String profile) implements CredentialReference {
        @Override
        public String text() {
            return "file:" + path + "#" + profile;
        }
    }

    /** Files below {@code master.secrets-dir}, by option name. */
    record Secret(Map<String, SecretKeyRef> options) implements CredentialReference {
        @Override
        public String text() {
            return new TreeMap<>(options)
                    .entrySet().stream()
                            .map(option ->
                                    option.getKey() + "=" + option.getValue().name() + "/"
                                            + option.getValue().key())
                            .collect(Collectors.joining(",", "secret:", ""));
        }
    }

    String ACCESS_KEY_ID = "accessKeyId";
    String SECRET_ACCESS_KEY = "secretAccessKey";
    String SESSION_TOKEN = "sessionToken";

    /**
     * Parses what a mount says.
     *
     * @param option the mount's {@code credentials} option; absent with no encrypt options: the default chain
     * @throws HearthException {@code INVALID} naming what is taken
     */
    static CredentialReference parse(Optional<String> option, List<EncryptOption> encryptOptions) {
        if (!encryptOptions.isEmpty()) {
            if (option.isPresent()) {
                throw invalid("credentials and encryptOptions exclude each other: keep one of them");
            }
            return secret(encryptOptions);
        }
        String text = option.orElse("default");
        if (text.equals("anonymous")) {
            return new Anonymous();
        } else if (text.equals("default")) {
            return new DefaultChain();
        } else if (text.equals("env")) {
            return new Environment("AWS");
        } else if (text.startsWith("env:")) {
            return environment(text.substring("env:".length()));
        } else if (text.startsWith("file:")) {
            return file(text.substring("file:".length()));
        }
        throw invalid(
                "the credentials option must be anonymous, default, env, env:PREFIX, file:PATH or file:PATH#PROFILE"
                        + " (never the keys themselves)");
    }

    private static CredentialReference environment(String prefix) {
        if (!Patterns.VARIABLE.matcher(prefix).matches()) {
            throw invalid("credentials: env:PREFIX needs a prefix of letters, digits and '_', such as env:TEAM_A");
        }
        return new Environment(prefix);
    }

    private static CredentialReference file(String rest) {
        int hash = rest.lastIndexOf('#');
        String path = hash < 0 ? rest : rest.substring(0, hash);
        String profile = hash < 0 ? "default" : rest.substring(hash + 1);
        if (!path.startsWith("/") || profile.isEmpty()) {
            throw invalid("credentials: file:PATH needs an absolute path on the master's machine, such as"
                    + " file:/etc/hearth/keys or file:/etc/hearth/keys#profile");
        }
        return new File(Path.of(path).normalize(), profile);
    }

    private static CredentialReference secret(List<EncryptOption> encryptOptions) {
        Map<String, SecretKeyRef> options = new TreeMap<>();
        for (EncryptOption option : encryptOptions) {
            if (option.name() == null || !Patterns.OPTIONS.contains(option.name())) {
                throw invalid("encryptOptions know the names " + String.join(", ", Patterns.OPTIONS) + ", not '"
                        + option.name() + "'");
            }
            SecretKeyRef reference =
                    option.valueFrom() == null ? null : option.valueFrom().secretKeyRef();
            if (reference == null || reference.name() == null || reference.key() == null) {
                throw invalid("encryptOptions: " + option.name() + " needs valueFrom.secretKeyRef with name and key");
            }
            for (String part : List.of(reference.name(), reference.key())) {
                if (!Patterns.FILE.matcher(part).matches()) {
                    throw invalid(
                            "encryptOptions: '" + part + "' is no name of a secret or key: letters, digits, '-', '_'"
                                    + " and '.', not starting with a dot");
                }
            }
            if (options.put(option.name(), reference) != null) {
                throw invalid("encryptOptions name " + option.name() + " twice");
            }
        }
        if (!options.containsKey(ACCESS_KEY_ID) || !options.containsKey(SECRET_ACCESS_KEY)) {
            throw invalid("encryptOptions need both " + ACCESS_KEY_ID + " and " + SECRET_ACCESS_KEY);
        }
        return new Secret(Map.copyOf(options));
    }

    private static HearthException invalid(String message) {
        return new HearthException(FailureKind.INVALID, message);
    }

    /** What the parts of a reference look like. */
    final class Patterns {
        private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,99}");
        private static final Pattern FILE = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9_.-]{0,252}");
        private static final List<String> OPTIONS = List.of(ACCESS_KEY_ID, SECRET_ACCESS_KEY, SESSION_TOKEN);

        private Patterns() {}
    }
}
