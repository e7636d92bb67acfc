"""What can go wrong, each with the HTTP status that says so."""


class CatalogError(Exception):
    status = 500


class ProductNotFound(CatalogError):
    status = 404


class ProductExists(CatalogError):
    status = 409


class OutOfStock(CatalogError):
    status = 409


class UnknownCurrency(CatalogError):
    status = 422


class RatesUnavailable(CatalogError):
    status = 502
