/**
 * The platform's API: takes intent, keeps it with its outbox row in one transaction, and shows the
 * fleet.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.platformapi;
