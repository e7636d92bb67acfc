"""What can go wrong, each with the HTTP status that says so."""


class OrdersError(Exception):
    status = 500


class OrderNotFound(OrdersError):
    status = 404


class UnknownProduct(OrdersError):
    status = 404


class OutOfStock(OrdersError):
    status = 409


class CatalogUnavailable(OrdersError):
    status = 502
