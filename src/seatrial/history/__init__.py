"""What runs were: a log of events for each, and rows in SQLite that are made from the logs.

::

    <worktree>/.seatrial/runs/<run>.jsonl     every event of one run, as it happened: the truth
    <worktree>/.seatrial/history.db           rows of all runs, to be asked; made anew from the logs

Nothing here may fail a run: what goes wrong is one notice.
"""
