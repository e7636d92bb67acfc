from main import celery


def test_a_task_is_done():
    assert celery
