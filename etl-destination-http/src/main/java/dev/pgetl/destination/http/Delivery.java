package dev.pgetl.destination.http;

import dev.pgetl.destination.http.Receiver.Response;
import dev.pgetl.destination.http.UnfinishedDeliveries.Started;
import dev.pgetl.destination.http.transport.RequestBody;
import java.nio.ByteBuffer;
import java.util.Set;

/**
 * One batch on its way: written item by item, split into requests of the allowed size, and split
 * further where the receiver refuses. Requests are sent one after the other, so order is kept.
 * Owned by the calling thread.
 *
 * <p>The same batch, limit and answers lead to the same requests with the same keys.
 */
final class Delivery {
  private static final int SMALLEST_LIMIT = 1 << 10;

  private final Receiver receiver;
  private final BodyWriter writer;
  private final Batch batch;
  private final Set<String> taken;
  private int limit;

  /** A run of items in a buffer whose first item is the batch's item number {@code first}. */
  private record Run(ItemBuffer buffer, int first, int from, int to) {
    int count() {
      return to - from;
    }

    ByteBuffer items() {
      return buffer.items(from, to);
    }

    Run firstHalf() {
      return new Run(buffer, first, from, from + count() / 2);
    }

    Run secondHalf() {
      return new Run(buffer, first, from + count() / 2, to);
    }
  }

  Delivery(Receiver receiver, RequestFormat format, Batch batch, Started started) {
    this.receiver = receiver;
    this.writer = new BodyWriter(format);
    this.batch = batch;
    this.limit = started.bodyLimit();
    this.taken = started.taken();
  }

  /** {@return the size of bodies that the receiver accepts} */
  int run() throws InterruptedException {
    int overhead = overhead();
    int first = 0;
    for (int i = 0; i < batch.size(); i++) {
      writer.write(batch, i);
      int count = writer.items().count();
      if (count > 1 && overhead + (long) writer.items().size() > limit) {
        send(new Run(writer.items(), first, 0, count - 1));
        writer.keepFrom(count - 1);
        first = i;
      }
    }
    send(new Run(writer.items(), first, 0, writer.items().count()));
    return limit;
  }

  /** {@return about how many bytes a body has besides its items} */
  private int overhead() {
    DeliveryRequest whole = request(0, batch.size(), "x".repeat(RequestKey.MAX_LENGTH));
    return Math.min(writer.head(whole).remaining() + writer.tail(whole).remaining(), limit / 2);
  }

  private DeliveryRequest request(int from, int to, String key) {
    return new DeliveryRequest(
        batch.kind(), receiver.source(), batch.tables(from, to), to - from, key);
  }

  private void send(Run run) throws InterruptedException {
    int from = run.first() + run.from();
    int to = run.first() + run.to();
    String key = batch.key(from, to, receiver.source(), run.items());
    if (taken.contains(key)) {
      return;
    }
    DeliveryRequest request = request(from, to, key);
    RequestBody body = RequestBody.of(writer.head(request), run.items(), writer.tail(request));
    if (body.length() > limit && run.count() > 1) {
      sendHalves(run);
    } else {
      judge(run, body, receiver.post(request, body, run.items()));
    }
  }

  private void judge(Run run, RequestBody body, Response response) throws InterruptedException {
    switch (response.verdict()) {
      case TAKEN -> taken.add(response.key());
      case TOO_LARGE -> {
        limit = (int) Math.max(SMALLEST_LIMIT, Math.min(limit, body.length() / 2));
        sendSmaller(run, true, response);
      }
      case REFUSED -> sendSmaller(run, response.isWorthHalving(), response);
      case LATER, UNTRUSTED, MOVED, UNKNOWN_REQUEST -> throw response.failure();
    }
  }

  private void sendSmaller(Run run, boolean helps, Response response) throws InterruptedException {
    if (helps && run.count() > 1) {
      sendHalves(run);
    } else {
      response.bury();
      taken.add(response.key());
    }
  }

  private void sendHalves(Run run) throws InterruptedException {
    send(run.firstHalf());
    send(run.secondHalf());
  }
}
