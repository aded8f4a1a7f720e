/** What tests of stores, destinations and pipelines share. */
@NullMarked
package dev.pgetl.testkit;

import org.jspecify.annotations.NullMarked;
