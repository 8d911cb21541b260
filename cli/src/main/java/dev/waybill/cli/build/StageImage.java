package dev.waybill.cli.build;

/** An image that is built or fetched, with its files. */
record StageImage(ImageDraft draft, ImageTree tree) {}
