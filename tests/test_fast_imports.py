"""What a run of thousands of tests pays for once."""

import gc
from itertools import chain

from tests import fast_imports


def test_the_tests_themselves_are_not_looked_through_for_garbage() -> None:
    assert gc.isenabled()
    assert gc.get_freeze_count() > 100_000
    assert gc.get_threshold()[0] == fast_imports.LET_LIE


def test_each_module_is_compiled_by_one_of_the_workers() -> None:
    shares = [fast_imports.share(number, 4) for number in range(4)]
    assert sorted(chain.from_iterable(shares)) == sorted(fast_imports.share(0, 1))
    assert __name__ in fast_imports.share(0, 1)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1
