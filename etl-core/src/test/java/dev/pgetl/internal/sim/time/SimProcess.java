package dev.pgetl.internal.sim.time;

import java.util.ArrayList;
import java.util.List;

/** A process that can be killed: threads that live and die together. */
public final class SimProcess {
  private final String name;
  private final List<Runnable> whenDead = new ArrayList<>();
  private boolean alive = true;

  SimProcess(String name) {
    this.name = name;
  }

  /** {@return whether it has not been killed} */
  public boolean alive() {
    return alive;
  }

  /** Says what the death of the process does to others, such as closing its sockets. */
  public void whenDead(Runnable consequence) {
    whenDead.add(consequence);
  }

  void die() {
    alive = false;
    whenDead.forEach(Runnable::run);
    whenDead.clear();
  }

  @Override
  public String toString() {
    return name;
  }
}
