def test_all_parts_pass(subtests):
    for i in range(3):
        with subtests.test(i=i):
            assert i < 3


def test_one_part_fails(subtests):
    for i in range(3):
        with subtests.test("part", i=i):
            assert i != 1
