/**
 * Dockerfiles as values: stages of instructions, words with their variables. Pure.
 *
 * @see <a href="https://docs.docker.com/reference/dockerfile/">Dockerfile reference</a>
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.cli.build.dockerfile;
