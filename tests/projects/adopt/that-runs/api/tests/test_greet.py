from greet import greet


def test_a_name_is_greeted():
    assert greet("you").endswith(", you")
