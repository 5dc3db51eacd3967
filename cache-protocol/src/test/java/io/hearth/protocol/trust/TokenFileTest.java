package io.hearth.protocol.trust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hearth.protocol.HearthException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenFileTest {
    private static final String OLD = "the-old-token-0123456789";
    private static final String NEW = "the-new-token-0123456789";

    @TempDir
    Path directory;

    private final List<String> complaints = new ArrayList<>();
    private Path file;
    private long nowNs;

    @BeforeEach
    void name() {
        file = directory.resolve("token");
    }

    private TokenFile open() {
        return TokenFile.open(new TrustSettings(file, Duration.ofSeconds(1)), () -> nowNs, complaints::add);
    }

    private void write(String... lines) throws IOException {
        Files.write(file, List.of(lines));
        nowNs += Duration.ofSeconds(1).toNanos();
    }

    @Test
    void withoutAFileEverybodyIsLetInAndNothingIsShown() {
        TokenFile token = open();
        assertEquals("", token.shown());
        assertFalse(token.present());
        assertTrue(token.admits("anything"));
    }

    @Test
    void onlyWhoShowsTheTokenIsLetIn() throws IOException {
        write(OLD);
        TokenFile token = open();
        assertTrue(token.present());
        assertTrue(token.admits(OLD));
        assertFalse(token.admits(""));
        assertFalse(token.admits(OLD + "x"));
        assertFalse(token.admits(OLD.substring(1)));
    }

    @Test
    void aTokenIsReplacedWithoutAMomentOfRefusals() throws IOException {
        write(OLD);
        TokenFile one = open();
        write(OLD, NEW);
        assertTrue(one.admits(OLD) && one.admits(NEW));
        assertEquals(OLD, one.shown());
        write(NEW, OLD);
        assertEquals(NEW, one.shown());
        write(NEW);
        assertTrue(one.admits(NEW));
        assertFalse(one.admits(OLD));
        assertEquals(List.of(), complaints);
    }

    @Test
    void aChangeIsSeenOnlyAfterTheTimeOfTheSetting() throws IOException {
        write(OLD);
        TokenFile token = open();
        Files.write(file, List.of(NEW, OLD));
        assertEquals(OLD, token.shown());
        nowNs += Duration.ofSeconds(1).toNanos();
        assertEquals(NEW, token.shown());
    }

    @Test
    void nothingOpensBecauseTheFileWentOrBecameUnreadable() throws IOException {
        write(OLD);
        TokenFile token = open();
        write("short");
        assertFalse(token.admits("short"));
        assertTrue(token.admits(OLD));
        Files.delete(file);
        nowNs += Duration.ofSeconds(1).toNanos();
        assertFalse(token.admits("anything"));
        assertTrue(token.admits(OLD));
        assertEquals(2, complaints.size(), complaints.toString());
    }

    @Test
    void aFileThatHoldsNoTokensIsRefusedInOneLine() throws IOException {
        for (String bad : List.of("", "short", "with a blank in it 0123", "x".repeat(257), "käse-0123456789-käse")) {
            write(bad);
            HearthException refused = assertThrows(HearthException.class, this::open, bad);
            assertTrue(refused.getMessage().contains("token file"), refused.getMessage());
        }
        Files.write(file, List.of(OLD + "\n" + "y".repeat(5000)));
        assertThrows(HearthException.class, this::open);
    }

    @Test
    void aFileThatCouldNotBeReadIsLookedAtAgain() throws IOException {
        write(OLD);
        TokenFile token = open();
        Path elsewhere = directory.resolve("elsewhere");
        Files.delete(file);
        Files.createSymbolicLink(file, elsewhere);
        nowNs += Duration.ofSeconds(1).toNanos();
        assertTrue(token.admits(OLD));
        Files.createDirectory(elsewhere); // There, and no file.
        nowNs += Duration.ofSeconds(1).toNanos();
        assertTrue(token.admits(OLD));
        int complained = complaints.size();
        nowNs += Duration.ofSeconds(1).toNanos();
        assertTrue(token.admits(OLD));
        assertEquals(complained, complaints.size(), "once for each reason");
        Files.delete(elsewhere);
        Files.write(elsewhere, List.of(NEW));
        nowNs += Duration.ofSeconds(1).toNanos();
        assertEquals(NEW, token.shown());
    }

    @Test
    void itsTextIsNotShownByAccident() throws IOException {
        write(OLD);
        assertFalse(open().toString().contains(OLD));
    }
}
