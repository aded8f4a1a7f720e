/** The status of pipelines as JSON. */
module dev.pgetl.status.json {
  requires com.fasterxml.jackson.core;
  requires static com.google.errorprone.annotations;
  requires transitive dev.pgetl.core;
  requires static transitive org.jspecify;

  exports dev.pgetl.status.json;
}
