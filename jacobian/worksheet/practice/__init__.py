"""A page that asks and checks in a browser: the checker in JavaScript, module by module as in `answers`."""
