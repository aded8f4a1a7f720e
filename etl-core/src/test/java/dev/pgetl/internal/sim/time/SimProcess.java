package dev.pgetl.internal.sim.time;

/** A process that can be killed: threads that live and die together. */
public final class SimProcess {
  private final String name;
  private boolean alive = true;

  SimProcess(String name) {
    this.name = name;
  }

  /** {@return whether it has not been killed} */
  public boolean alive() {
    return alive;
  }

  void die() {
    alive = false;
  }

  @Override
  public String toString() {
    return name;
  }
}
