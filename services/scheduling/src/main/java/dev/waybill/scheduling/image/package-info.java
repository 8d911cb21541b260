/** What scheduling knows of the images that containers wait for. */
@org.jspecify.annotations.NullMarked
package dev.waybill.scheduling.image;
