"""Repositories as files: what ``new``, ``add``, ``init`` and ``update`` write.

::

    words ─► answers ─► parts: templates rendered ─► laid over a tree ─► written, all or nothing
                             ▲                         │    └─ wiring: entries into files there
                      kinds, backings                  └─► the record, from which ``update`` merges

Templates are in ``templates/`` and look like what they make:

- ``project/`` is laid over the root of the repository, once;
- ``stack/`` too, as soon as a service has a Dockerfile;
- ``kinds/<kind>/service/`` over ``services/<name>/``, ``kinds/<kind>/repository/`` over the root;
- ``kinds/<kind>/with-<backing>/service|repository/`` the same, for the backing service chosen;
- ``backings/<backing>/repository/`` over the root, for the backing service chosen;
- ``ci/<forge>/`` over the root, for each CI system chosen.

A compose file or ``.env.example`` of ``repository/`` is a fragment: where the file is there, it
gets the entries or variables that it has not. Any other file must not be there yet. The Makefile
gets the service's name, and so do the lists of services in workflows.

In a path, ``dot.`` at the beginning of a part is a dot, ``_service_`` the service's name and
``_package_`` its Python package. In a text, ``@{name}`` is a value and a line that begins with
``@@`` a statement of Jinja's (``@@ if …``, ``@@ endif``). Files are text in UTF-8; one that is
executable stays so.
"""
