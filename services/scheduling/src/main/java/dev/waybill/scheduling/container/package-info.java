/** One container's life as scheduling sees it. */
@org.jspecify.annotations.NullMarked
package dev.waybill.scheduling.container;
