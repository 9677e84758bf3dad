"""The core knows no transport: its tests pass in a tree that has neither the browser nor the simulator."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.prepared import begin_with_tables

pytestmark = pytest.mark.nodes

LEFT_OUT = ("sessions/transports/browser", "sessions/simulator")
# What the tests of both share goes with them.
SHARED = "tests/sessions/conftest.py"
DRIVING = "tests/sessions/driving/test_"
# Each way into the core once: what follows once there is the same in either tree.
CORE = tuple(
    f"{file}.py::test_{test}"
    for file, tests in {
        f"{DRIVING}drive": (
            "a_message_is_claimed_pressed_put_on_the_wire_and_settled_in_this_order",
            "everything_unread_is_heard_before_the_first_claim",
            "what_is_in_doubt_is_looked_for_after_the_unread_and_before_any_claim",
            "a_link_lost_after_the_press_is_a_doubt_and_ends_the_drive",
            "a_number_is_looked_up_once_it_is_claimed_and_remembered",
            "it_hears_while_it_waits",
        ),
        f"{DRIVING}host_looks": (
            "what_becomes_due_on_a_link_in_hand_is_found_by_a_look",
            "a_lease_that_ran_out_is_taken_again_and_what_drove_under_it_is_closed",
        ),
        f"{DRIVING}host": (
            "the_links_of_a_killed_host_are_leased_by_another_and_nothing_is_repeated",
            "a_stop_lets_each_link_finish_the_step_in_hand",
        ),
        f"{DRIVING}inprocess": ("the_interfaces_stay_small",),
        f"{DRIVING}leases": (
            "every_holder_gets_a_greater_fence",
            "an_expired_lease_is_taken",
            "one_sign_of_life_keeps_all_leases_of_a_runner_and_no_others",
        ),
        f"{DRIVING}links": (
            "after_a_switch_the_old_driver_finds_its_lease_lost_at_every_step",
            "a_person_who_unlinks_ends_every_link_of_the_account",
            "who_takes_a_link_after_a_switch_ends_the_browser_of_before",
            "a_second_link_to_the_same_account_is_linked_whatever_form_its_number_has",
        ),
        "tests/campaigns/ledger/test_outbox": (
            "press_and_settle_lead_to_sent",
            "a_new_holder_requeues_what_was_not_pressed_and_doubts_what_was",
            "receipts_move_a_row_forward_only",
            "a_number_without_whatsapp_fails_with_its_reason",
            "a_proof_settles_one_doubt_and_no_other",
        ),
    }.items()
    for test in tests
)


def test_drive_outbox_leases_and_host_pass_in_a_copy_without_browser_and_simulator(
    tmp_path: Path,
) -> None:
    copy = tmp_path / "copy"
    skipped = shutil.ignore_patterns(".git", ".venv", "var", ".mypy_cache", ".ruff_cache")
    shutil.copytree(settings.BASE, copy, ignore=skipped, symlinks=True)
    for folder in LEFT_OUT:
        shutil.rmtree(copy / folder)
    (copy / SHARED).unlink()
    environment = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    # Its server begins with the tables, which the copy's own migrations look at.
    begin_with_tables(tmp_path / "var")
    environment["BLU_TEST_VAR"] = str(tmp_path / "var")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *CORE, "-q", "-x", "-p", "no:cacheprovider"],
        cwd=copy, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert re.search(r"(\d+) passed", done.stdout)
