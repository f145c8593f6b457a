"""A small web shop, to try runfree on."""
