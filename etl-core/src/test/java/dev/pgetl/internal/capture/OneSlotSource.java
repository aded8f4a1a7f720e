package dev.pgetl.internal.capture;

import dev.pgetl.internal.capture.catalog.Catalog;
import dev.pgetl.internal.capture.catalog.SlotState;
import dev.pgetl.internal.capture.catalog.SourceFacts;
import dev.pgetl.internal.capture.catalog.UnusedCatalog;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.wal.Lsn;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** A source with one slot, and as many streams of it as are opened. Thread-safe. */
public class OneSlotSource extends UnusedSource implements ReplicationConnection {
  private final String slot;
  private final List<FakeStream> streams = new CopyOnWriteArrayList<>();
  private final AtomicInteger looks = new AtomicInteger();
  private final AtomicInteger preparations = new AtomicInteger();
  private volatile Lsn confirmed;
  private volatile Lsn currentWal;
  private volatile Supplier<WalStream.Input> input = () -> WalStream.Input.NOTHING;

  /** Creates a source whose slot and log are at a position. */
  public OneSlotSource(String slot, Lsn position) {
    this.slot = slot;
    this.confirmed = position;
    this.currentWal = position;
  }

  /** What streams find from now on. */
  public void input(Supplier<WalStream.Input> newInput) {
    input = newInput;
  }

  /** Where the slot is from now on. */
  public void confirmed(Lsn position) {
    confirmed = position;
  }

  /** Where the log ends from now on. */
  public void currentWal(Lsn position) {
    currentWal = position;
  }

  /** {@return how many times the slot was looked at} */
  public int looks() {
    return looks.get();
  }

  /** {@return how many times the server was prepared for large rows} */
  public int preparations() {
    return preparations.get();
  }

  /** {@return the streams that were opened, the first first} */
  public List<FakeStream> streams() {
    return List.copyOf(streams);
  }

  public FakeStream lastStream() {
    return streams.get(streams.size() - 1);
  }

  /** {@return the formats that were asked for, the first first} */
  public List<ValueFormat> formats() {
    return streams.stream().map(FakeStream::format).toList();
  }

  @Override
  public ReplicationConnection openReplication(String role) {
    return this;
  }

  @Override
  public SourceFacts facts() {
    return new SourceFacts("cluster", 1, currentWal);
  }

  @Override
  public TimelineHistory history(int timeline) {
    return TimelineHistory.unknown(timeline);
  }

  @Override
  public Optional<SlotState> slot(String name) {
    looks.incrementAndGet();
    boolean active = !streams.isEmpty() && !lastStream().isClosed();
    int holder = active ? FakeStream.SERVER_PROCESS : 0;
    return name.equals(slot)
        ? Optional.of(
            new SlotState(name, holder, confirmed, "reserved", "", "pgoutput", false, false))
        : Optional.empty();
  }

  @Override
  public void releaseSlot(String name) {}

  @Override
  public void expectLargeRows() {
    int unused = preparations.incrementAndGet();
  }

  @Override
  public WalStream stream(String slotName, String publication, Lsn from, ValueFormat format) {
    FakeStream opened = new FakeStream(format, () -> input.get());
    streams.add(opened);
    return opened;
  }

  @Override
  public Catalog catalog() {
    return new UnusedCatalog();
  }
}
