/**
 * Decides whether a request can be taken, and which event it becomes. Pure: names that are taken
 * are for the database to say.
 *
 * <p>Limits: {@link dev.waybill.platformapi.intent.Limits}.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.platformapi.intent;
