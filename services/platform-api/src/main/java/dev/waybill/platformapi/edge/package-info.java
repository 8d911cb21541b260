/** HTTP, PostgreSQL, the outbox relay and the read model of the API. */
@org.jspecify.annotations.NullMarked
package dev.waybill.platformapi.edge;
