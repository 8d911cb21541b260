/** What a build may copy from: a directory, without what {@code .dockerignore} leaves out. */
@org.jspecify.annotations.NullMarked
package dev.waybill.cli.build.context;
