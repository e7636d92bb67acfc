"""Repositories as files: what ``new``, ``add``, ``init`` and ``update`` write.

::

    answers ─► templates rendered ─► Tree ─► compared with what is there ─► written
                       ▲               │
                kinds, backings        └─► the record, from which ``update`` merges

Templates are in ``templates/`` and look like what they make:

- ``project/`` is laid over the root of the repository, once;
- ``kinds/<kind>/service/`` over ``services/<name>/``, ``kinds/<kind>/repository/`` over the root;
- ``kinds/<kind>/with-<backing>/service|repository/`` the same, for the backing service chosen;
- ``backings/<backing>/repository/`` over the root, for each backing service that is used.

A file of ``repository/`` that is there already is *wired* where it is a compose file (its entries
are added to the sections), ``.env.example`` (its variables are added) or ``Makefile``; any other
must not be there yet.

In a path, ``dot.`` at the beginning of a part is a dot, ``_service_`` the service's name and
``_package_`` its Python package. In a text, ``@{name}`` is a value and a line that begins with
``@@`` a statement of Jinja's (``@@ if …``, ``@@ endif``). Files are text in UTF-8; one that is
executable stays so.
"""
