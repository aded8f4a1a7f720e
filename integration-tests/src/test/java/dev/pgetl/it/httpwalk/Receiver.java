package dev.pgetl.it.httpwalk;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A receiver that follows docs/http-destination.md, behind a network that loses and delays.
 * Thread-safe.
 */
final class Receiver implements AutoCloseable {
  private static final List<Integer> LATER = List.of(408, 425, 429, 500, 502, 503, 504);
  private static final List<Integer> GATEWAY = List.of(500, 502, 503, 504);
  private static final int NO_LIMIT = Integer.MAX_VALUE;
  private static final int MOST_OVERTAKING = 6;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;
  private final RequestReader reader;
  private final Letters letters;
  private final boolean buries;
  private final Object lock = new Object();
  private final SplittableRandom random;
  private final Ledger ledger = new Ledger();
  private final Doubts doubts = new Doubts();
  private final List<Delayed> delayed = new ArrayList<>();
  private final List<String> violations = new ArrayList<>();
  private final Map<String, Integer> experience = new TreeMap<>();
  private final Set<Long> refusedTables = new HashSet<>();
  private final Mood mood = new Mood();

  /** How it treats requests. Guarded by the lock. */
  private static final class Mood {
    private boolean calm;
    private boolean takesPoison;
    private int mostItems = NO_LIMIT;
    private int mostCharacters = NO_LIMIT;
    private int deadInstances;
  }

  /** A request that is done later, when some others have arrived. */
  private static final class Delayed {
    private final Request request;
    private final HttpExchange exchange;
    private final boolean hasArrived;
    private final Set<Long> truncated = new HashSet<>();
    private int others;

    Delayed(Request request, HttpExchange exchange, boolean hasArrived, int others) {
      this.request = request;
      this.exchange = exchange;
      this.hasArrived = hasArrived;
      this.others = others;
    }
  }

  Receiver(long seed, Settings settings, Source source, Letters letters) throws IOException {
    this.random = new SplittableRandom(seed);
    this.letters = letters;
    this.buries = settings.letters();
    this.reader = new RequestReader(settings, source);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  String url() {
    return "http://localhost:" + server.getAddress().getPort() + "/in";
  }

  /** In a calm receiver, all that was delayed is done, and nothing goes wrong any more. */
  void calm(boolean isCalm) {
    synchronized (lock) {
      mood.calm = isCalm;
      if (isCalm) {
        List<Delayed> all = List.copyOf(delayed);
        delayed.clear();
        all.forEach(this::release);
      }
    }
  }

  /** Limits requests in another way than before. */
  void changeLimits() {
    synchronized (lock) {
      mood.mostItems = random.nextInt(3) == 0 ? 1 + random.nextInt(6) : NO_LIMIT;
      mood.mostCharacters = random.nextInt(3) == 0 ? 1000 << random.nextInt(5) : NO_LIMIT;
    }
  }

  void takePoison(boolean takes) {
    synchronized (lock) {
      mood.takesPoison = takes;
    }
  }

  /** Nothing arrives any more from this instance and earlier ones. */
  void kill(int instance) {
    synchronized (lock) {
      mood.deadInstances = instance;
    }
  }

  /** {@return whether it has refused what was sent of a table; asked once} */
  boolean hasRefused(long table) {
    synchronized (lock) {
      return refusedTables.remove(table);
    }
  }

  List<String> violations() {
    synchronized (lock) {
      return List.copyOf(violations);
    }
  }

  Map<String, Integer> experience() {
    synchronized (lock) {
      return Map.copyOf(experience);
    }
  }

  Map<String, Map<String, String>> rows(long table) {
    synchronized (lock) {
      return ledger.rows(table, letters);
    }
  }

  private void handle(HttpExchange exchange) throws IOException {
    boolean open = false;
    try {
      Fate fate = chooseFate();
      InputStream body = exchange.getRequestBody();
      if (fate == Fate.CUT_BEFORE_THE_END && body.read() >= 0) {
        return;
      }
      byte[] sent = body.readAllBytes();
      synchronized (lock) {
        open = meet(reader.read(exchange, sent), fate, exchange);
      }
    } catch (RuntimeException e) {
      synchronized (lock) {
        violations.add(e.toString());
      }
    } finally {
      if (!open) {
        exchange.close();
      }
    }
  }

  private Fate chooseFate() {
    synchronized (lock) {
      Fate fate = mood.calm ? Fate.ANSWERED : Fate.choose(random);
      experience.merge(fate.name(), 1, Integer::sum);
      experience.merge("requests", 1, Integer::sum);
      return fate;
    }
  }

  /** {@return whether the exchange stays open} */
  private boolean meet(Request request, Fate fate, HttpExchange exchange) throws IOException {
    if (request.tag().instance() <= mood.deadInstances) {
      return false;
    }
    releaseDue();
    doubts.arrived(request);
    switch (fate) {
      case ANSWERED -> answer(request, exchange, take(request, Set.of()));
      case DONE_AND_ERROR -> {
        int status = take(request, Set.of());
        answer(request, exchange, status == 204 ? one(GATEWAY) : status);
      }
      case DONE_AND_CUT -> {
        take(request, Set.of());
        doubts.answered(request, 0);
      }
      case DONE_AND_HALF_AN_ANSWER -> {
        take(request, Set.of());
        doubts.answered(request, 0);
        halfAnAnswer(exchange);
      }
      case ERROR -> answer(request, exchange, one(LATER));
      case CUT, CUT_BEFORE_THE_END -> doubts.answered(request, 0);
      case SLOW, OVERTAKEN -> {
        return delay(request, fate, exchange);
      }
    }
    return false;
  }

  private boolean delay(Request request, Fate fate, HttpExchange exchange) throws IOException {
    boolean slow = fate == Fate.SLOW;
    if (slow && (ledger.knows(request) || isInProgress(request) || !isTaken(request))) {
      answer(request, exchange, take(request, Set.of()));
      return false;
    }
    doubts.answered(request, 0);
    delayed.add(new Delayed(request, exchange, slow, 1 + random.nextInt(MOST_OVERTAKING)));
    return true;
  }

  private void releaseDue() {
    List<Delayed> due = new ArrayList<>();
    for (Delayed each : delayed) {
      if (--each.others < 0) {
        due.add(each);
      }
    }
    delayed.removeAll(due);
    due.forEach(this::release);
  }

  private void release(Delayed late) {
    try {
      take(late.request, late.truncated);
    } catch (Violation e) {
      violations.add("late: " + e.getMessage());
    } finally {
      late.exchange.close();
    }
  }

  private boolean isInProgress(Request request) {
    return delayed.stream()
        .anyMatch(each -> each.hasArrived && each.request.key().equals(request.key()));
  }

  private boolean isTaken(Request request) {
    return !isPoisoned(request) && !isTooLarge(request);
  }

  /** {@return the status to answer} */
  private int take(Request request, Set<Long> without) {
    if (ledger.knows(request)) {
      return 204;
    }
    if (isInProgress(request)) {
      return 409;
    }
    if (!isTaken(request)) {
      // The same request gets the same answer.
      delayed.removeIf(each -> dropIf(each, each.request.key().equals(request.key())));
      return isTooLarge(request) ? 413 : random.nextBoolean() ? 400 : 422;
    }
    if (request.kind().equals("truncate")) {
      truncate(request.table());
    }
    ledger.take(request, without, letters.count());
    return 204;
  }

  /** What was received before a truncation is not written after it. */
  private void truncate(long table) {
    delayed.removeIf(each -> dropIf(each, each.request.table() == table));
    delayed.forEach(each -> each.truncated.add(table));
  }

  private static boolean dropIf(Delayed each, boolean condition) {
    if (condition) {
      each.exchange.close();
    }
    return condition;
  }

  private boolean isPoisoned(Request request) {
    boolean refused = !mood.takesPoison && request.text().contains(Canaries.POISON);
    if (refused) {
      refusedTables.addAll(request.changes().keySet());
    }
    return refused;
  }

  private boolean isTooLarge(Request request) {
    boolean large =
        request.items().size() > mood.mostItems || request.text().length() > mood.mostCharacters;
    return large && !mood.calm && (request.items().size() > 1 || (buries && isRare(request)));
  }

  /** The same for the same request. */
  private static boolean isRare(Request request) {
    return request.items().size() == 1 && request.key().hashCode() % 8 == 0;
  }

  private void answer(Request request, HttpExchange exchange, int status) throws IOException {
    doubts.answered(request, status);
    experience.merge("status " + status, 1, Integer::sum);
    byte[] text = new byte[0];
    if (status == 400 || status == 422) {
      text = Refusals.answer(request, random).getBytes(StandardCharsets.UTF_8);
      exchange
          .getResponseHeaders()
          .set("Content-Type", random.nextBoolean() ? "application/json" : "text/plain");
    } else if (status != 204) {
      exchange.getResponseHeaders().set("Retry-After", "0");
    }
    exchange.sendResponseHeaders(status, text.length == 0 ? -1 : text.length);
    if (text.length > 0) {
      exchange.getResponseBody().write(text);
    }
  }

  private static void halfAnAnswer(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 1000);
    OutputStream out = exchange.getResponseBody();
    out.write(new byte[10]);
    out.flush();
  }

  private int one(List<Integer> statuses) {
    return statuses.get(random.nextInt(statuses.size()));
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
