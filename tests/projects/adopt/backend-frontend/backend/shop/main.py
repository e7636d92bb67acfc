from shop.database import engine

SECRET_KEY = "read from the environment"


def app() -> object:
    return engine
