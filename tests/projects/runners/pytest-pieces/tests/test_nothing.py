def helps() -> None:
    pass
