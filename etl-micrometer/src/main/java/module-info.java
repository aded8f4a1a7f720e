/** Meters of pgetl pipelines for Micrometer. */
module dev.pgetl.micrometer {
  requires static com.google.errorprone.annotations;
  requires transitive dev.pgetl.core;
  requires static transitive org.jspecify;
  requires transitive micrometer.core;

  exports dev.pgetl.micrometer;
}
