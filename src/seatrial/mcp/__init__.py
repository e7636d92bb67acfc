"""A server of the Model Context Protocol: for coding agents, the same verbs as tools.

Each call of a tool is a call of the command line in a process of its own (ADR 0158). Whatever
imports a module of this room needs the extra ``mcp``.
"""
