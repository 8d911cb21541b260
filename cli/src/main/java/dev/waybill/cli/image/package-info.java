/** Commands about images, registries, nodes and networks. */
@org.jspecify.annotations.NullMarked
package dev.waybill.cli.image;
