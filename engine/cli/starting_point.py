"""The rule set and its test that `retouch rules new` writes: a first rule that works, and what each part is for."""

from __future__ import annotations

RULES = """\
# What this rule set is for, and whom to ask about it. Run it with: retouch diff -r PATH FILE...
apiVersion: retouch/v1
kind: RuleSet
metadata:
  name: FULL-NAME
  version: 0.1.0
description: Label every workload with the team that owns it.

# What users may set, each with a JSON Schema: `-p team=shop` on the command line, `params:` in retouch.yaml.
params:
  team:
    type: string
    description: The team that owns the objects.
    default: platform

# Which documents the rules see. Without it they see all of them.
documents:
  kind: [Deployment, StatefulSet, DaemonSet]

rules:
# `match` gives names to what its paths find, and a rule runs once for every combination in which `when` holds.
- id: label-owner
  description: Pods say which team owns them.
  match:
    pod: $.spec.template
  when: pod.metadata.labels.team is not defined
  actions:
  - set: pod.metadata.labels.team
    value: ${ params.team }
"""

TESTS = """\
# Tests of NAME.yaml. Run them with: retouch test PATH
apiVersion: retouch/v1
kind: RuleTest
ruleset: ./NAME.yaml
cases:
- name: pods get the label of their team
  params: {team: shop}
  input: |
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
    spec:
      template:
        metadata:
          labels:
            app: web   # what the service selects
        spec: {}
  output: |
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
    spec:
      template:
        metadata:
          labels:
            app: web   # what the service selects
            team: shop
        spec: {}

- name: a team that is there stays
  input: |
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
    spec:
      template:
        metadata:
          labels:
            team: data
        spec: {}
  unchanged: true
"""


def starting_point(full_name: str, path: str) -> tuple[str, str]:
    """A rule file with a rule set of that name, to stand at `path`, and a test file to stand beside it."""
    name = full_name.rpartition("/")[2]
    rules = RULES.replace("FULL-NAME", full_name).replace("NAME", name).replace("PATH", path)
    return rules, TESTS.replace("NAME", name).replace("PATH", path)
