package dev.pgetl.destination.http;

import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A row or event the receiver refused.
 *
 * @param request the request that carried it, alone
 * @param item what was sent, as {@link RequestFormat} wrote it; read-only. It holds cell values
 * @param status the status of the answer
 * @param answer the words of the answer's beginning that are known to be harmless; may be empty
 */
public record DeadLetter(DeliveryRequest request, ByteBuffer item, int status, String answer) {

  public DeadLetter {
    Objects.requireNonNull(request, "request");
    Objects.requireNonNull(answer, "answer");
    item = item.asReadOnlyBuffer();
  }

  /** {@return what was sent, a buffer of its own on the shared bytes} */
  @Override
  public ByteBuffer item() {
    return item.duplicate();
  }

  /** {@return all but the item} */
  @Override
  public String toString() {
    return "DeadLetter[" + request.key() + ", status " + status + "]";
  }
}
