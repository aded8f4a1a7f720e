package dev.pgetl.destination.http;

import static dev.pgetl.destination.http.Data.ORDERS;
import static dev.pgetl.destination.http.Data.USERS;
import static dev.pgetl.destination.http.Data.insert;
import static dev.pgetl.destination.http.Data.transaction;
import static dev.pgetl.destination.http.TestReceiver.status;
import static dev.pgetl.destination.http.TestReceiver.takeAndReset;
import static dev.pgetl.testkit.data.TestTable.row;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.pgetl.config.Secret;
import dev.pgetl.data.TableRow;
import dev.pgetl.destination.KeyRange;
import dev.pgetl.destination.http.TestReceiver.Behaviour;
import dev.pgetl.destination.http.TestReceiver.Request;
import dev.pgetl.event.Event;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/**
 * Plants a value in every secret place, lets everything go wrong, and looks for it in all that is
 * printed.
 */
@Timeout(60)
class HttpDestinationSecrecyTest {
  private static final String CANARY = "Kanarienvogel";
  private static final String[] SPELLINGS = spellings(CANARY.getBytes(StandardCharsets.UTF_8));
  private static final Logger ROOT =
      (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);

  private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
  private final StringWriter printed = new StringWriter();
  private final List<DeadLetter> letters = new ArrayList<>();
  private TestReceiver receiver;

  @BeforeEach
  void start() throws IOException {
    receiver = TestReceiver.start();
    logged.start();
    ROOT.addAppender(logged);
  }

  @AfterEach
  void stop() throws IOException {
    ROOT.detachAppender(logged);
    receiver.close();
  }

  @Test
  void showsNoSecretAndNoValueWhateverHappens() {
    TableRow user = row(USERS, "1", "name " + CANARY, "1.50");
    TableRow order = row(ORDERS, "2", CANARY);
    for (Behaviour trouble : troubles()) {
      receiver.otherwise(trouble);
      HttpDestination destination = destination().build();
      attempt(destination::startup);
      attempt(() -> destination.truncateTable(USERS));
      attempt(() -> destination.writeTableRows(USERS, List.of(user, user)));
      attempt(() -> destination.removeRange(USERS, new KeyRange("name", CANARY, CANARY)));
      attempt(() -> destination.writeEvents(events(user, order)));
      HttpDestination burying = destination().deadLetters(letters::add).build();
      attempt(() -> burying.writeEvents(events(user, order)));
      attempt(() -> new PrintWriter(printed, true).println(destination + " " + burying));
    }
    letters.forEach(letter -> printed.append(letter.toString()).append(letter.answer()));
    List.copyOf(logged.list)
        .forEach(event -> printed.append(event.getFormattedMessage()).append('\n'));

    assertThat(receiver.requests()).hasSizeGreaterThan(50);
    assertThat(receiver.requests().get(0).headers().get("authorization")).contains(CANARY);
    assertThat(printed.toString())
        .contains("status 400", "send 4 events", "remove a range of table public.users")
        .hasSizeGreaterThan(10_000);
    assertThat(printed.toString().toLowerCase(Locale.ROOT))
        .doesNotContain(CANARY.toLowerCase(Locale.ROOT));
    assertThat(printed.toString()).doesNotContain(SPELLINGS);
  }

  private HttpDestinationBuilder destination() {
    return HttpDestination.builder(receiver.url() + "/" + CANARY + "?code=" + CANARY)
        .removesRanges(true)
        .retryDelay(Duration.ofMillis(1))
        .requestTimeout(Duration.ofSeconds(2))
        .maxAttempts(2)
        .bearerToken(() -> Secret.of(CANARY))
        .headers(() -> Map.of("X-Api-Key", CANARY))
        .signingKey(() -> Secret.of(CANARY));
  }

  /**
   * Answers that repeat what was sent, in the body, in headers, in the status line, and in place of
   * an answer.
   */
  private static List<Behaviour> troubles() {
    return List.of(
        status(200),
        status(500),
        takeAndReset(),
        echo(400, "text/plain"),
        echo(409, "application/json"),
        echo(401, "text/html"),
        echo(503, "text/plain"),
        spell(422),
        spell(403),
        spell(500),
        status(302, "Location", "https://" + CANARY + "/"),
        status(429, "Retry-After", CANARY),
        exchange -> {
          Request request = exchange.readRequest();
          exchange.write(request.body() + request.headers() + "\r\n\r\n");
          exchange.close();
        },
        exchange -> {
          exchange.readRequest();
          exchange.write("HTTP/1.1 " + CANARY + "\r\n\r\n");
          exchange.close();
        },
        exchange -> {
          exchange.readRequest();
          exchange.write("HTTP/1.1 400 " + CANARY + "\r\nContent-Length: " + CANARY + "\r\n\r\n");
          exchange.close();
        });
  }

  private static String[] spellings(byte[] canary) {
    return new String[] {
      "anari",
      "\\u004b\\u0061",
      Base64.getEncoder().encodeToString(canary),
      HexFormat.of().formatHex(canary),
      HexFormat.ofDelimiter("%").formatHex(canary),
      HexFormat.ofDelimiter("\\x").formatHex(canary),
      new StringBuilder(CANARY).reverse().toString(),
      CANARY.substring(4)
    };
  }

  private static Behaviour spell(int status) {
    return exchange -> {
      exchange.readRequest();
      String text = "invalid: " + String.join(" ", SPELLINGS);
      exchange.reply(status, text, "Content-Type", "text/plain");
    };
  }

  private static Behaviour echo(int status, String type) {
    return exchange -> {
      Request request = exchange.readRequest();
      String text = "x" + CANARY.toUpperCase(Locale.ROOT) + " " + CANARY.substring(0, 9) + " ";
      exchange.reply(
          status, text + request.path() + request.body() + request.headers(), "Content-Type", type);
    };
  }

  private static List<Event> events(TableRow user, TableRow order) {
    return List.of(
        new Event.Begin(transaction(100)),
        insert(transaction(100), 1, user),
        insert(transaction(100), 2, order),
        new Event.Delete(
            transaction(100), 3, USERS, new Event.OldRow(Event.OldRowKind.FULL, user)));
  }

  private void attempt(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      e.printStackTrace(new PrintWriter(printed, true));
    }
  }
}
