/** A dual-layer store: a cache over a persistent layer that is written first. */
module dev.pgetl.store.memory {
  requires com.fasterxml.jackson.databind;
  requires transitive dev.pgetl.core;
  requires static transitive org.jspecify;
  requires org.slf4j;

  exports dev.pgetl.store.memory;
}
