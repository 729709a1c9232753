"""A state that is not one."""
