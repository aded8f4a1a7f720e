package dev.pgetl.destination.http;

import dev.pgetl.destination.http.Receiver.Response;
import dev.pgetl.destination.http.UnfinishedDeliveries.Fate;
import dev.pgetl.destination.http.UnfinishedDeliveries.Started;
import dev.pgetl.destination.http.transport.RequestBody;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One batch on its way: written item by item, split into requests of the allowed size, and split
 * further where the receiver refuses. Requests are sent one after the other, so order is kept.
 * Owned by the calling thread.
 *
 * <p>The same batch, limit and answers lead to the same requests with the same keys. A delivery
 * that is continued sends neither what was taken nor what was split, and a request whose outcome is
 * not known exactly as it was.
 */
final class Delivery {
  private final Receiver receiver;
  private final BodyWriter writer;
  private final Batch batch;
  private final Started started;
  private final BodyLimit bodyLimit;
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

  Delivery(
      Receiver receiver, RequestFormat format, Batch batch, Started started, BodyLimit bodyLimit) {
    this.receiver = receiver;
    this.writer = new BodyWriter(format);
    this.batch = batch;
    this.started = started;
    this.bodyLimit = bodyLimit;
    this.limit = started.bodyLimit();
  }

  void run() throws InterruptedException {
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
    Fate fate = started.fate(key);
    if (fate == Fate.DONE) {
      return;
    }
    DeliveryRequest request = request(from, to, key);
    RequestBody body = RequestBody.of(writer.head(request), run.items(), writer.tail(request));
    if (fate == Fate.TOO_LARGE || fate == Fate.REFUSED) {
      sendHalves(run, fate, body);
    } else if (body.length() > limit && run.count() > 1) {
      sendHalves(run, null, body);
    } else {
      judge(run, body, receiver.post(request, body, run.items(), started));
    }
  }

  private void judge(Run run, RequestBody body, Response response) throws InterruptedException {
    switch (response.verdict()) {
      case TAKEN -> {
        bodyLimit.taken();
        started.note(response.key(), Fate.DONE);
      }
      case TOO_LARGE -> sendSmaller(run, body, Fate.TOO_LARGE, response);
      case REFUSED -> sendSmaller(run, body, Fate.REFUSED, response);
      case LATER, UNTRUSTED, OVERTAKEN, MOVED, UNKNOWN_REQUEST -> throw response.failure();
    }
  }

  private void sendSmaller(Run run, RequestBody body, Fate fate, Response response)
      throws InterruptedException {
    if (run.count() > 1 && (fate == Fate.TOO_LARGE || response.isWorthHalving())) {
      if (fate == Fate.TOO_LARGE) {
        bodyLimit.refused(body.length());
      }
      started.note(response.key(), fate);
      sendHalves(run, fate, body);
    } else {
      response.bury();
      started.note(response.key(), Fate.DONE);
    }
  }

  private void sendHalves(Run run, @Nullable Fate fate, RequestBody body)
      throws InterruptedException {
    if (fate == Fate.TOO_LARGE) {
      limit = BodyLimit.below(limit, body.length());
    }
    send(run.firstHalf());
    send(run.secondHalf());
  }
}
