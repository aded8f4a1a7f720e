/**
 * What every store and every destination must do, as tests: one or more for each numbered rule of
 * the interfaces' Javadoc, named after it. The author of a store lets a test class implement {@link
 * dev.pgetl.testkit.contract.StateStoreContract}, {@link
 * dev.pgetl.testkit.contract.SchemaStoreContract}, {@link
 * dev.pgetl.testkit.contract.CopyStoreContract} and {@link
 * dev.pgetl.testkit.contract.CleanupStoreContract}; the author of a destination {@link
 * dev.pgetl.testkit.contract.DestinationContract}.
 */
@NullMarked
package dev.pgetl.testkit.contract;

import org.jspecify.annotations.NullMarked;
