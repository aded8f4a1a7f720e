package dev.pgetl.destination.http.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** An attempt that was given up is either certainly not sent as a whole, or may have been. */
class RequestBodyTest {
  private final RequestBody body =
      RequestBody.of(ByteBuffer.wrap("a body of one piece".getBytes(StandardCharsets.UTF_8)));

  /** The client may read on behind a time limit: then the request arrives all the same. */
  @Test
  void whatWasGivenUpNeverLeavesAsAWhole() {
    RequestBody.Sending sending = body.new Sending();
    Reader reader = new Reader();
    sending.publisher().subscribe(reader);

    assertThat(sending.end()).isFalse();
    reader.readAll();

    assertThat(reader.failure).hasMessageContaining("given up");
    assertThat(reader.complete).isFalse();
    assertThat(sending.end()).isFalse();
  }

  @Test
  void whatHasLeftMayHaveArrived() {
    RequestBody.Sending sending = body.new Sending();
    Reader reader = new Reader();
    sending.publisher().subscribe(reader);
    reader.readAll();

    assertThat(reader.bytes).isEqualTo(body.length());
    assertThat(reader.failure).isNull();
    assertThat(sending.end()).isTrue();
  }

  @Test
  void withoutABodyItMayAlwaysHaveArrived() {
    RequestBody.Sending sending = RequestBody.EMPTY.new Sending();
    assertThat(sending.end()).isTrue();
  }

  private static final class Reader implements Flow.Subscriber<ByteBuffer> {
    private final List<Flow.Subscription> subscriptions = new ArrayList<>();
    private @Nullable Throwable failure;
    private boolean complete;
    private long bytes;

    void readAll() {
      subscriptions.forEach(subscription -> subscription.request(Long.MAX_VALUE));
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscriptions.add(subscription);
    }

    @Override
    public void onNext(ByteBuffer buffer) {
      bytes += buffer.remaining();
    }

    @Override
    public void onError(Throwable thrown) {
      failure = thrown;
    }

    @Override
    public void onComplete() {
      complete = true;
    }
  }
}
