package dev.pgetl.destination.http.transport;

import org.jspecify.annotations.Nullable;

/** What came of an attempt. */
public sealed interface Outcome {

  /**
   * The receiver answered, completely.
   *
   * @param status the status code
   * @param contentType the content type of the answer, empty if it has none
   * @param location where a redirection leads, empty if it is none
   * @param retryAfter when the receiver wants to be asked again, as it said it; empty if it did not
   * @param body the beginning of the answer
   * @param secrets what was sent as credentials
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Answered(
      int status,
      String contentType,
      String location,
      String retryAfter,
      byte[] body,
      SentHeaders secrets)
      implements Outcome {

    /** {@return whether the receiver has taken the request} */
    public boolean isSuccess() {
      return status >= 200 && status < 300;
    }

    /** {@return the status alone: the rest is the receiver's text} */
    @Override
    public String toString() {
      return "status " + status;
    }
  }

  /**
   * There was no answer, or half of one: the receiver may have taken the request or not.
   *
   * @param reason why, in words without a value
   * @param cause what was thrown, if its text is known to be harmless
   * @param distrust whether the parties do not trust each other's certificates, which no further
   *     attempt changes
   */
  record Unanswered(String reason, @Nullable Throwable cause, boolean distrust) implements Outcome {
    @Override
    public String toString() {
      return reason;
    }
  }
}
