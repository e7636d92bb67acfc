import pytest

from shop.main import app


@pytest.fixture
def client():
    return app()


@pytest.fixture
def orders(client):
    return [client]
