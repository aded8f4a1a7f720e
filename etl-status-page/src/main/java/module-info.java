/** A read-only web page that shows the status of pipelines. */
module dev.pgetl.status.page {
  requires static com.google.errorprone.annotations;
  requires transitive dev.pgetl.core;
  requires dev.pgetl.status.json;
  requires jdk.httpserver;
  requires static transitive org.jspecify;
  requires org.slf4j;

  exports dev.pgetl.status.page;
}
