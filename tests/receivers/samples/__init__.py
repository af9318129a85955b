"""Small receivers of the generic scheme in four frameworks, right and wrong."""
