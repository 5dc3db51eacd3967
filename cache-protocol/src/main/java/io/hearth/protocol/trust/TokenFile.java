package io.hearth.protocol.trust;

import io.hearth.protocol.FailureKind;
import io.hearth.protocol.HearthException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/**
 * The token as a file has it, read again when the file changes. Each line is a token that is taken and the first is the
 * one shown, so a token is replaced without a moment of refusals: write the new one behind the old everywhere, then the
 * new one in front, then take the old one out.
 *
 * <p>A change for the worse (the file is gone, empty or malformed) is complained of, and the tokens before it stay in
 * force: nothing that was closed opens by a slip of the hand.
 */
public final class TokenFile implements ClusterToken {
    private static final int FILE_BYTES_MAX = 4096;

    /** What an HTTP header carries as it is (RFC 6750, section 2.1). */
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9._~+/=-]{16,256}");

    private final Path file;
    private final long rereadNs;
    private final LongSupplier nanoTime;
    private final Consumer<String> complaints;
    private Stamp stamp;
    private String complaint = "";
    private List<String> tokens;
    private long lookedAtNs;

    /** When and how large; {@link #ABSENT} for no file. */
    private record Stamp(long modifiedNs, long sizeBytes, Object key) {
        static final Stamp ABSENT = new Stamp(0, -1, "");
    }

    private TokenFile(TrustSettings settings, LongSupplier nanoTime, Consumer<String> complaints) {
        this.file = settings.tokenFile();
        this.rereadNs = settings.tokenReread().toNanos();
        this.nanoTime = nanoTime;
        this.complaints = complaints;
        this.lookedAtNs = nanoTime.getAsLong();
        this.stamp = stampNow();
        this.tokens = stamp.equals(Stamp.ABSENT) ? List.of() : read();
    }

    /**
     * @param complaints takes one line about a later change that cannot be taken
     * @throws HearthException {@link FailureKind#INVALID} if there is a file and it holds no tokens
     */
    public static TokenFile open(TrustSettings settings, LongSupplier nanoTime, Consumer<String> complaints) {
        return new TokenFile(settings, nanoTime, complaints);
    }

    @Override
    public String shown() {
        List<String> now = current();
        return now.isEmpty() ? "" : now.get(0);
    }

    @Override
    public boolean admits(String shown) {
        byte[] theirs = shown.getBytes(StandardCharsets.UTF_8);
        List<String> now = current();
        boolean admitted = now.isEmpty();
        for (String ours : now) {
            admitted |= MessageDigest.isEqual(ours.getBytes(StandardCharsets.UTF_8), theirs);
        }
        return admitted;
    }

    private synchronized List<String> current() {
        long nowNs = nanoTime.getAsLong();
        if (nowNs - lookedAtNs >= rereadNs) {
            lookedAtNs = nowNs;
            reread();
        }
        return tokens;
    }

    private void reread() {
        try {
            Stamp found = stampNow();
            if (found.equals(stamp)) {
                return;
            }
            if (found.equals(Stamp.ABSENT)) {
                complain("the token file " + file + " is gone");
            } else {
                tokens = read();
                stamp = found; // Not before: what cannot be read yet is looked at again.
                complaint = "";
            }
        } catch (HearthException e) {
            complain(e.getMessage());
        }
    }

    /** Once for each reason. */
    private void complain(String reason) {
        if (!reason.equals(complaint)) {
            complaint = reason;
            complaints.accept(reason + "; the tokens before it stay in force");
        }
    }

    private Stamp stampNow() {
        try {
            BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
            return new Stamp(
                    found.lastModifiedTime().to(TimeUnit.NANOSECONDS), found.size(), String.valueOf(found.fileKey()));
        } catch (NoSuchFileException e) {
            return Stamp.ABSENT;
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private List<String> read() {
        try {
            if (Files.size(file) > FILE_BYTES_MAX) {
                throw malformed();
            }
            List<String> lines = Files.readAllLines(file, StandardCharsets.US_ASCII).stream()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .toList();
            if (lines.isEmpty()
                    || !lines.stream().allMatch(line -> FORM.matcher(line).matches())) {
                throw malformed();
            }
            return lines;
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private HearthException malformed() {
        return new HearthException(
                FailureKind.INVALID,
                "the token file " + file + " must hold 1 or more lines of 16 to 256 letters, digits or -._~+/= each:"
                        + " make one with 'openssl rand -hex 32'");
    }

    private HearthException unreadable(IOException cause) {
        return new HearthException(
                FailureKind.INVALID,
                "the token file " + file + " cannot be read (" + cause + "): see trust.token-file",
                cause);
    }
}
