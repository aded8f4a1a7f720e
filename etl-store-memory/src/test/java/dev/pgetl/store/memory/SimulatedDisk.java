package dev.pgetl.store.memory;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * A directory in memory that knows which bytes and names are on the platter and which only in the
 * operating system's cache, fails on demand, and can lose its power.
 */
final class SimulatedDisk implements Disk {
  /** What the operation that is due does. */
  enum Fault {
    /** The disk is full: part of a write happens. */
    FULL,
    /** The power goes: part of the operation happens, and nothing works until {@link #restart}. */
    POWER_LOSS
  }

  private static final class Content {
    private byte[] cached = new byte[0];
    private byte[] durable = new byte[0];
  }

  private final Random random;
  private Map<String, Content> cachedNames = new HashMap<>();
  private Map<String, Content> durableNames = new HashMap<>();
  private Fault fault = Fault.FULL;
  private int due = -1;
  private int operations;
  private int writes;
  private boolean dead;
  private Runnable afterWrite = () -> {};

  SimulatedDisk(long seed) {
    this.random = new Random(seed);
  }

  /** Lets the n-th operation from now on fail, counted from 0. */
  void failAt(int operation, Fault kind) {
    due = operations + operation;
    fault = kind;
  }

  /** What happens behind every write from now on. */
  void afterWrite(Runnable action) {
    afterWrite = action;
  }

  /** How many operations changed the disk so far. */
  int operations() {
    return operations;
  }

  /** How many synced writes were made so far. */
  int writes() {
    return writes;
  }

  byte[] content(String name) {
    Content content = cachedNames.get(name);
    return content == null ? new byte[0] : content.cached.clone();
  }

  void put(String name, byte[] bytes) {
    Content content = new Content();
    content.cached = bytes.clone();
    content.durable = content.cached;
    cachedNames.put(name, content);
    durableNames.put(name, content);
  }

  /** What the next process finds after the last one was killed: all that it did. */
  void restartProcess() {
    dead = false;
    due = -1;
  }

  /** What a machine finds after a loss of power: what was synced, and of the rest any part. */
  void restart() {
    restartProcess();
    if (random.nextBoolean()) {
      durableNames = new HashMap<>(cachedNames);
    }
    cachedNames = new HashMap<>(durableNames);
    for (Content content : cachedNames.values()) {
      content.durable = survivor(content);
      content.cached = content.durable;
    }
  }

  private byte[] survivor(Content content) {
    if (random.nextBoolean()) {
      return random.nextBoolean() ? content.cached : content.durable;
    }
    int more = Math.max(0, content.cached.length - content.durable.length);
    int written = content.cached.length - (more == 0 ? 0 : random.nextInt(more));
    byte[] part = Arrays.copyOf(content.cached, written);
    return random.nextBoolean() ? part : Arrays.copyOf(part, content.cached.length);
  }

  /** Whether the operation that begins now goes wrong. */
  private boolean begin() throws IOException {
    if (dead) {
      throw new IOException("no power");
    }
    boolean fails = operations++ == due;
    dead = fails && fault == Fault.POWER_LOSS;
    return fails;
  }

  private static IOException failure() {
    return new IOException("No space left on device");
  }

  @Override
  public Optional<Object> identity(String name) {
    return Optional.ofNullable(cachedNames.get(name));
  }

  @Override
  public void requireLocked() {}

  @Override
  public InputStream read(String name) throws IOException {
    if (dead) {
      throw new IOException("no power");
    }
    return new ByteArrayInputStream(content(name));
  }

  @Override
  public long create(String name, Iterator<byte[]> lines) throws IOException {
    boolean fails = begin();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    lines.forEachRemaining(bytes::writeBytes);
    Content content = new Content();
    content.cached = bytes.toByteArray();
    cachedNames.put(name, content);
    if (fails) {
      content.cached = Arrays.copyOf(content.cached, random.nextInt(bytes.size()));
      throw failure();
    }
    content.durable = content.cached;
    return bytes.size();
  }

  @Override
  public DiskFile open(String name) throws IOException {
    Content content = cachedNames.get(name);
    if (content == null) {
      throw new FileNotFoundException(name);
    }
    return new SimulatedFile(content);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    boolean fails = begin();
    if (!fails || random.nextBoolean()) {
      Content moved = cachedNames.remove(from);
      cachedNames.put(to, moved);
    }
    if (fails) {
      throw failure();
    }
  }

  @Override
  public void deleteIfExists(String name) throws IOException {
    if (begin()) {
      throw failure();
    }
    cachedNames.remove(name);
  }

  @Override
  public void syncDirectory() throws IOException {
    if (begin()) {
      throw failure();
    }
    durableNames = new HashMap<>(cachedNames);
  }

  @Override
  public void close() {}

  @Override
  public String toString() {
    return "simulated disk";
  }

  private final class SimulatedFile implements DiskFile {
    private final Content content;

    SimulatedFile(Content content) {
      this.content = content;
    }

    @Override
    public void write(long position, byte[] bytes) throws IOException {
      boolean fails = begin();
      writes++;
      boolean whole = !fails || random.nextInt(3) == 0;
      int written = whole ? bytes.length : random.nextInt(bytes.length);
      content.cached = overlaid(content.cached, position, bytes, written);
      if (fails) {
        throw failure();
      }
      // A synced write makes its own bytes durable, not what others left unsynced before them.
      content.durable = overlaid(content.durable, position, bytes, written);
      afterWrite.run();
    }

    private byte[] overlaid(byte[] old, long position, byte[] bytes, int count) {
      int end = (int) position + count;
      byte[] next = Arrays.copyOf(old, Math.max(old.length, end));
      System.arraycopy(bytes, 0, next, (int) position, count);
      return next;
    }

    @Override
    public void truncate(long length) throws IOException {
      boolean fails = begin();
      if (!fails || random.nextBoolean()) {
        content.cached = Arrays.copyOf(content.cached, (int) length);
      }
      if (fails) {
        throw failure();
      }
    }

    @Override
    public void sync() throws IOException {
      if (begin()) {
        throw failure();
      }
      content.durable = content.cached;
    }

    @Override
    public void close() {}
  }
}
