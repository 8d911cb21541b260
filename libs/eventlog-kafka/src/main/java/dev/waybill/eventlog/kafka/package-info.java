/**
 * The log on Kafka: transactional appends, committed reads, topics as the contracts say, and the
 * outbox that Debezium carries from PostgreSQL to it.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.eventlog.kafka;
