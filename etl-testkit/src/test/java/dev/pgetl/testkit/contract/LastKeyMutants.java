package dev.pgetl.testkit.contract;

import dev.pgetl.event.Event;
import dev.pgetl.event.EventSequence;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableSchema;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Destinations that answer wrongly which key was their last. */
final class LastKeyMutants {
  private LastKeyMutants() {}

  static List<DestinationMutant> all() {
    return List.of(
        new DestinationMutant("knows no key", "d16_theAnswer", KnowsNone::new),
        new DestinationMutant("has one key for all", "d16_eachTable", OneForAll::new),
        new DestinationMutant("answers the key given last", "d16_aReplay", GivenLast::new),
        new DestinationMutant("ignores truncations", "d16_truncations", ChangesOnly::new),
        new DestinationMutant("keeps keys in memory", "d16_theKeySurvives", InMemory::new),
        new DestinationMutant("answers what is written", "d16_accepted", WrittenOnly::new),
        new DestinationMutant("keeps truncated keys", "d16_aTruncation", KeepsTruncated::new),
        new DestinationMutant("takes a failure for none", "d16_failures", NoneIfBroken::new));
  }

  private static final class KnowsNone extends ReferenceDestination {
    KnowsNone(Target target) {
      super(target);
    }

    @Override
    public Optional<EventSequence> lastApplied(TableId table) {
      return Optional.empty();
    }
  }

  private static final class OneForAll extends ReferenceDestination {
    OneForAll(Target target) {
      super(target);
    }

    @Override
    public Optional<EventSequence> lastApplied(TableId table) {
      synchronized (target) {
        return target.keys.values().stream()
            .max(EventSequence::compareTo)
            .or(() -> super.lastApplied(table));
      }
    }
  }

  private static final class GivenLast extends ReferenceDestination {
    GivenLast(Target target) {
      super(target);
    }

    @Override
    void remember(TableId table, EventSequence key) {
      target.keys.put(table, key);
    }
  }

  private static final class ChangesOnly extends ReferenceDestination {
    ChangesOnly(Target target) {
      super(target);
    }

    @Override
    void remember(Event event) {
      if (!(event instanceof Event.Truncate)) {
        super.remember(event);
      }
    }
  }

  private static final class InMemory extends ReferenceDestination {
    private final Map<TableId, EventSequence> own = new HashMap<>();

    InMemory(Target target) {
      super(target);
    }

    @Override
    void remember(TableId table, EventSequence key) {
      own.put(table, key);
    }

    @Override
    public Optional<EventSequence> lastApplied(TableId table) {
      return Optional.of(own.getOrDefault(table, EventSequence.NONE));
    }
  }

  private static final class WrittenOnly extends AcceptingDestination {
    WrittenOnly(Target target) {
      super(target);
    }

    @Override
    public Optional<EventSequence> lastApplied(TableId table) {
      synchronized (target) {
        return Optional.of(target.keys.getOrDefault(table, EventSequence.NONE));
      }
    }
  }

  private static final class KeepsTruncated extends ReferenceDestination {
    KeepsTruncated(Target target) {
      super(target);
    }

    @Override
    public void truncateTable(TableSchema table) {
      synchronized (target) {
        EventSequence key = target.keys.get(table.id());
        super.truncateTable(table);
        if (key != null) {
          target.keys.put(table.id(), key);
        }
      }
    }
  }

  private static final class NoneIfBroken extends ReferenceDestination {
    NoneIfBroken(Target target) {
      super(target);
    }

    @Override
    public Optional<EventSequence> lastApplied(TableId table) {
      synchronized (target) {
        return target.broken ? Optional.of(EventSequence.NONE) : super.lastApplied(table);
      }
    }
  }
}
