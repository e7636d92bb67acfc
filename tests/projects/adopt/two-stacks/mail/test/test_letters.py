def test_a_letter_has_an_address():
    assert "@" in "a@b"
