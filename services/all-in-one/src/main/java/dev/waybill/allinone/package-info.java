/** The embedded platform: broker, database, all services and a native-runner from one start. */
@org.jspecify.annotations.NullMarked
package dev.waybill.allinone;
