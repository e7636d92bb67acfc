"""All rules: one line each, in the order of their codes. A rule's module is imported when asked."""

from __future__ import annotations

import importlib
from dataclasses import replace
from functools import cache
from typing import Any

from seatrial.lint.model import Rule

_MODULES = (
    # 1xx: the pattern
    "sea101_fixed_port_in_test",
    "sea102_name_without_instance",
    "sea103_nameless_test_project",
    "sea104_persistent_test_volume",
    "sea105_missing_health_check",
    "sea106_depends_on_without_condition",
    "sea107_untuned_test_postgres",
    "sea108_slow_health_check_in_test",
    "sea109_restart_in_dev_or_test",
    "sea110_no_restart_in_prod",
    "sea111_no_limits_in_prod",
    "sea112_no_reservations_in_prod",
    "sea113_no_log_rotation_in_prod",
    "sea114_limits_in_dev_or_test",
    "sea115_unnamed_storage_in_dev",
    "sea116_prod_storage_not_external",
    "sea117_dynamic_port_in_prod",
    "sea118_unconfigurable_port_in_dev",
    "sea119_one_stage_tests",
    "sea120_no_branch_isolation",
    "sea121_verbose_test_target",
    "sea123_rushed_health_check",
    # 2xx: what bites at run time
    "sea201_start_interval_without_start_period",
    "sea202_health_check_cannot_fail",
    "sea203_health_check_tool_missing",
    "sea204_one_shot_fails_up_wait",
    "sea205_override_concatenates_ports",
    "sea206_slow_stop",
    "sea207_floating_tag",
    "sea208_same_host_port_twice",
    "sea209_dollar_in_env",
    "sea210_context_without_dockerignore",
    "sea211_postgres_ready_too_early",
    "sea212_localhost_between_containers",
    "sea213_obsolete_version",
    "sea214_healthy_without_check",
    "sea215_completed_never",
    "sea216_yaml_surprise",
    "sea217_patient_probe",
    # 3xx: security
    "sea301_secret_in_environment",
    "sea302_engine_socket_mounted",
    "sea303_privileged",
    "sea304_host_namespace",
    "sea305_database_on_all_interfaces",
    "sea306_root_in_prod",
    "sea307_new_privileges_allowed",
    "sea308_capabilities_kept",
    "sea309_dangerous_capability",
    "sea310_writable_root",
    "sea311_sensitive_mount",
    "sea312_default_password_in_prod",
    "sea313_unconfined",
    "sea314_secret_in_build_args",
    # 4xx: tests
    "sea401_sleep_then_assert",
    "sea402_network_in_unit_test",
    "sea403_container_in_unit_test",
    "sea404_external_host_in_service_test",
    "sea405_fixed_address_in_test",
    "sea406_unbounded_wait",
    "sea407_focused_or_skipped_for_ever",
    # 5xx: Dockerfiles
    "sea501_secret_in_build",
    "sea502_root_image",
    "sea503_floating_base",
    "sea504_source_before_dependencies",
    "sea505_unlocked_install",
    "sea506_shell_form_command",
    "sea507_add_instead_of_copy",
    "sea508_health_check_without_tool",
    "sea509_apt_leftovers",
    "sea510_no_cache_mount",
    "sea511_whole_context_copied",
    # 6xx: workflows
    "sea601_invalid_workflow",
    "sea602_script_injection",
    "sea603_unpinned_action",
    "sea604_builds_every_service",
    "sea605_broad_permissions",
    "sea606_untrusted_checkout",
    "sea607_no_timeout",
    "sea608_no_concurrency",
    "sea609_secrets_echoed",
    "sea610_unpinned_official_action",
    "sea611_default_permissions",
    # 7xx: the repository
    "sea701_missing_build_context",
    "sea702_depends_on_nobody",
    "sea703_unused_declaration",
    "sea704_makefile_names_missing_service",
    "sea705_orphan_tests",
    "sea706_service_in_no_environment",
    "sea707_unused_env_example",
    "sea708_undeclared_reference",
    "sea709_workflow_names_missing_service",
    "sea710_undocumented_variable",
    "sea711_missing_mount_source",
    "sea712_missing_env_file",
    # 9xx: lint itself
    "sea900_broken_rule",
    "sea901_unreadable",
    "sea902_suppression_without_reason",
    "sea903_unused_suppression",
)


@cache
def all_rules() -> tuple[Rule[Any], ...]:
    """Return every rule, in the order of their codes, each with its ``module`` filled in."""
    return tuple(sorted((_load(name) for name in _MODULES), key=lambda rule: rule.code))


def _load(name: str) -> Rule[Any]:
    module = importlib.import_module(f"seatrial.lint.rules.{name}")
    rule: Rule[Any] = module.RULE
    return replace(rule, module=module.__name__)
