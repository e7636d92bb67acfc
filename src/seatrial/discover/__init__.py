"""Disk to Project: services, suites, and why each is one."""
