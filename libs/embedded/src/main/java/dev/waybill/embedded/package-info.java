/** A Kafka broker and a PostgreSQL server for one machine, in one directory, on loopback. */
@org.jspecify.annotations.NullMarked
package dev.waybill.embedded;
