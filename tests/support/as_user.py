"""Runs a function in a child process under another user id."""

import os
import pickle
import traceback


def as_user(uid, function, gid=None, groups=()):
    """The function's result, pickled over a pipe; its exception is raised here. Needs root."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            os.setgroups(list(groups))
            os.setgid(uid if gid is None else gid)
            os.setuid(uid)
            outcome = (True, function())
        except BaseException:  # noqa: BLE001 - told to the parent
            outcome = (False, traceback.format_exc())
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(outcome, pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        good, value = pickle.load(pipe)
    os.waitpid(child, 0)
    if not good:
        raise AssertionError("in the child:\n" + value)
    return value
