package io.hearth.client.http;

/**
 * Hears an answer as it comes, on one thread: its head, its bytes, and one of the two ends. Whatever it throws ends the
 * call and comes back as {@link #broken}. Must not block.
 */
interface AnswerParts {
    /** @param type the media type without its parameters, in small letters; empty where none is named */
    void head(int status, String type);

    void data(byte[] bytes);

    void end();

    /** @param why a {@link CallFailure}, or what the other methods threw */
    void broken(Throwable why);
}
