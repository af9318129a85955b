"""The verifiers that providers released, in an environment of their own."""
