/** A destination that posts rows and events as JSON over HTTP. */
module dev.pgetl.destination.http {
  requires transitive com.fasterxml.jackson.core;
  requires transitive dev.pgetl.core;
  requires io.github.resilience4j.core;
  requires io.github.resilience4j.retry;
  requires transitive java.net.http;
  requires static transitive org.jspecify;
  requires org.slf4j;

  exports dev.pgetl.destination.http;
}
