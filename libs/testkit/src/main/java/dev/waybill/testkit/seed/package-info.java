/** Seeded properties: runs a test with many seeds, and says which one failed. */
@org.jspecify.annotations.NullMarked
package dev.waybill.testkit.seed;
