/** Measurements beside the peers, interleaved in one run; each is one command. */
@org.jspecify.annotations.NullMarked
package dev.waybill.bench;
