package io.hearth.master;

import io.hearth.protocol.Credentials;
import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Turns references into credentials, at each use, so that a rotated key is seen at once. Thread-safe; reads files. */
final class CredentialReferences {
    private static final long FILE_BYTES_MAX = 64 << 10;

    private final Map<String, String> environment;
    private final Path secretsDir;

    CredentialReferences(Map<String, String> environment, Path secretsDir) {
        this.environment = Map.copyOf(environment);
        this.secretsDir = secretsDir.toAbsolutePath().normalize();
    }

    /** @throws HearthException {@code DENIED} with one line that names the variable or file that is missing */
    Credentials resolve(CredentialReference reference) {
        if (reference instanceof CredentialReference.Anonymous) {
            return new Credentials.Anonymous();
        } else if (reference instanceof CredentialReference.DefaultChain) {
            return new Credentials.DefaultChain();
        } else if (reference instanceof CredentialReference.Environment variables) {
            return fromEnvironment(variables.prefix());
        } else if (reference instanceof CredentialReference.File file) {
            return fromFile(file);
        }
        return fromSecret((CredentialReference.Secret) reference);
    }

    private Credentials fromEnvironment(String prefix) {
        return new Credentials.Keys(
                variable(prefix + "_ACCESS_KEY_ID"),
                variable(prefix + "_SECRET_ACCESS_KEY"),
                Optional.ofNullable(environment.get(prefix + "_SESSION_TOKEN")).filter(token -> !token.isEmpty()));
    }

    private String variable(String name) {
        String value = environment.get(name);
        if (value == null || value.isEmpty()) {
            throw denied(
                    "credentials: the master's environment has no " + name + ": set it where the master starts", null);
        }
        return value;
    }

    private static Credentials fromFile(CredentialReference.File reference) {
        Map<String, String> profile = profile(read(reference.path()), reference.profile());
        return new Credentials.Keys(
                entry(reference, profile, "aws_access_key_id"),
                entry(reference, profile, "aws_secret_access_key"),
                Optional.ofNullable(profile.get("aws_session_token")));
    }

    private static String entry(CredentialReference.File reference, Map<String, String> profile, String name) {
        String value = profile.get(name);
        if (value == null || value.isEmpty()) {
            throw denied(
                    "credentials: " + reference.path() + " has no " + name + " under [" + reference.profile() + "]",
                    null);
        }
        return value;
    }

    private static Map<String, String> profile(String text, String wanted) {
        Map<String, String> entries = new HashMap<>();
        boolean inside = false;
        for (String line : text.lines().map(String::strip).toList()) {
            int equals = line.indexOf('=');
            if (line.startsWith("[") && line.endsWith("]")) {
                inside = line.substring(1, line.length() - 1).strip().equals(wanted);
            } else if (inside && equals > 0 && !line.startsWith("#") && !line.startsWith(";")) {
                entries.put(
                        line.substring(0, equals).strip(),
                        line.substring(equals + 1).strip());
            }
        }
        return entries;
    }

    private Credentials fromSecret(CredentialReference.Secret secret) {
        Map<String, String> values = new HashMap<>();
        secret.options().forEach((option, reference) -> {
            Path file = secretsDir
                    .resolve(reference.name())
                    .resolve(reference.key())
                    .normalize();
            if (!file.startsWith(secretsDir)) {
                throw denied(
                        "credentials: the secret " + reference.name() + "/" + reference.key() + " leaves " + secretsDir,
                        null);
            }
            values.put(option, read(file).strip());
        });
        return new Credentials.Keys(
                values.get(CredentialReference.ACCESS_KEY_ID),
                values.get(CredentialReference.SECRET_ACCESS_KEY),
                Optional.ofNullable(values.get(CredentialReference.SESSION_TOKEN)));
    }

    private static String read(Path file) {
        try {
            if (Files.size(file) > FILE_BYTES_MAX) {
                throw denied("credentials: " + file + " is larger than 64 KiB: that is no credentials file", null);
            }
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw denied("credentials: the master has no file " + file, e);
        } catch (IOException e) {
            // The exception's text may quote the file; its class says enough.
            String reason = e.getClass().getSimpleName();
            throw denied("credentials: the master cannot read " + file + " (" + reason + "): check its permissions", e);
        }
    }

    private static HearthException denied(String message, Exception cause) {
        return new HearthException(FailureKind.DENIED, message, cause);
    }
}
