"""Plans: a whole estate of tables, scrubbed from one reviewed file."""
