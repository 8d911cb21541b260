/**
 * Images from Dockerfiles, and from what a container wrote. Files are laid out here, programs run
 * in containers of the platform; the same input gives the same digest.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.cli.build;
