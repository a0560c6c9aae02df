"""Holds the engine against pySigma: its parser, its modifiers, its conditions; only the evaluation of what it makes of a
rule is written here, value by value, as simply as Python allows. A tool for developers, not a part of the tests:

    python3 -m venv ~/.cache/vong-gac-pysigma
    ~/.cache/vong-gac-pysigma/bin/pip install 'pysigma==1.5.1' 'pyparsing==3.3.2'   # 3.3.3 breaks its conditions
    npm run build
    node test/oracle/our-matches.mjs 50 | ~/.cache/vong-gac-pysigma/bin/python test/oracle/pysigma_check.py RULES

Prints each (event, rule) on which they differ, rules that pySigma cannot read, and the counts. Exit code 1 on a difference.
"""

import json
import re
import sys
from decimal import Decimal, InvalidOperation
from ipaddress import ip_address
from pathlib import Path

from sigma.conditions import ConditionAND, ConditionFieldEqualsValueExpression, ConditionNOT, ConditionOR
from sigma.processing.pipeline import ProcessingPipeline
from sigma.rule import SigmaRule
from sigma.types import (
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaString,
    SpecialChars,
)

PROCESS_NAMES = {"Image": ["Image", "NewProcessName"], "ParentImage": ["ParentImage", "ParentProcessName"]}
ANTIVIRUS_NAMES = {"Signature": ["Signature", "ThreatName"], "Filename": ["Filename", "Path"]}


def lower(text):
    """Unit by unit: a letter whose lower case is longer stays."""
    return "".join(c.lower() if len(c.lower()) == 1 and ord(c) < 0x10000 else c for c in text)


def text_of(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def values_of(event, fields):
    """The scalars under any of the fields; a list holds each of its elements. Nulls and objects are none."""
    found = []
    for value in (event.get(field) for field in fields):
        for one in value if isinstance(value, list) else [value]:
            if one is not None and not isinstance(one, (dict, list)):
                found.append(one)
    return found


def number_of(value):
    if isinstance(value, bool) or not re.fullmatch(r"[+-]?\d+(\.\d+)?([eE][+-]?\d{1,3})?", str(value)):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def glob(string, anywhere):
    """The pattern of a Sigma string as a regular expression over the whole text."""
    cased = isinstance(string, SigmaCasedString)
    parts = [
        ".*" if part == SpecialChars.WILDCARD_MULTI
        else "." if part == SpecialChars.WILDCARD_SINGLE
        else re.escape(str(part) if cased else lower(str(part)))
        for part in string.s
    ]
    pattern = re.compile(("(?:.*)" if anywhere else "") + "".join(parts) + ("(?:.*)" if anywhere else ""), re.DOTALL)
    return lambda value: pattern.fullmatch(text_of(value) if cased else lower(text_of(value))) is not None


COMPARE = {"<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b}


def test_of(value, keyword):
    """What a rule's value asks of one value of a field."""
    if isinstance(value, SigmaExpansion):
        tests = [test_of(one, keyword) for one in value.values]
        return lambda own: any(test(own) for test in tests)
    if isinstance(value, SigmaString):
        return glob(value, keyword)
    if isinstance(value, SigmaBool):
        return lambda own: lower(text_of(own)) == str(value.boolean).lower()
    if isinstance(value, SigmaCompareExpression):
        limit, holds = Decimal(str(value.number.number)), COMPARE[value.op.value]
        return lambda own: number_of(own) is not None and holds(number_of(own), limit)
    if isinstance(value, SigmaNumber):
        if keyword:
            return lambda own: str(value.number) in text_of(own)
        return lambda own: number_of(own) == Decimal(str(value.number))
    if isinstance(value, SigmaRegularExpression):
        flags = 0
        for flag in value.flags:
            flags |= value.sigma_to_python_flags[flag]
        pattern = re.compile(str(value.regexp), flags)
        return lambda own: pattern.search(text_of(own)) is not None
    if isinstance(value, SigmaCIDRExpression):
        def within(own):
            try:
                return ip_address(text_of(own).split("%")[0]) in value.network
            except ValueError:
                return False
        return within
    raise NotImplementedError(type(value).__name__)


def compiled(condition, names):
    """A condition of pySigma's as a function of an event."""
    if isinstance(condition, (ConditionAND, ConditionOR)):
        parts = [compiled(part, names) for part in condition.args]
        return (lambda e: all(p(e) for p in parts)) if isinstance(condition, ConditionAND) else (lambda e: any(p(e) for p in parts))
    if isinstance(condition, ConditionNOT):
        part = compiled(condition.args[0], names)
        return lambda event: not part(event)
    value = condition.value
    if not isinstance(condition, ConditionFieldEqualsValueExpression):
        test = test_of(value, True)
        return lambda event: any(test(own) for own in values_of(event, event))
    fields = names.get(condition.field, [condition.field])
    if isinstance(value, SigmaNull):
        return lambda event: not values_of(event, fields)
    if isinstance(value, SigmaExists):
        return lambda event: any(field in event for field in fields) == value.exists
    if isinstance(value, SigmaFieldReference):
        def relates(event):
            pairs = [
                (lower(text_of(own)), lower(text_of(other)))
                for own in values_of(event, fields)
                for other in values_of(event, names.get(value.field, [value.field]))
            ]
            if value.starts_with and value.ends_with:
                return any(other in own for own, other in pairs)
            if value.starts_with:
                return any(own.startswith(other) for own, other in pairs)
            if value.ends_with:
                return any(own.endswith(other) for own, other in pairs)
            return any(own == other for own, other in pairs)
        return relates
    test = test_of(value, False)
    return lambda event: any(test(own) for own in values_of(event, fields))


def read_rules(folder, tables):
    tables = {name: values for name, values in tables.items() if values}
    pipeline = ProcessingPipeline.from_dict(
        {"name": "tables", "priority": 1, "vars": tables, "transformations": [{"type": "value_placeholders", "include": list(tables)}]}
    )
    rules, unread = {}, []
    for path in sorted(Path(folder).rglob("*.yml")):
        try:
            rule = SigmaRule.from_yaml(path.read_text(encoding="utf-8"))
            pipeline.apply(rule)
            source = rule.logsource
            names = PROCESS_NAMES if source.category == "process_creation" else ANTIVIRUS_NAMES if source.category == "antivirus" else {}
            conditions = [compiled(parsed.parsed, names) for parsed in rule.detection.parsed_condition]
            wanted = {key: getattr(source, key) for key in ("product", "category", "service") if getattr(source, key)}
            rules[str(rule.id)] = (wanted, conditions)
        except Exception as error:  # what it cannot read is told, and compared with nothing
            unread.append((path.name, f"{type(error).__name__}: {error}"))
    return rules, unread


def main(folder):
    lines = iter(sys.stdin)
    rules, unread = read_rules(folder, json.loads(next(lines)))
    events = pairs = matches = 0
    differing = []
    for line in lines:
        row = json.loads(line)
        event, ours = row["event"], set(row["matches"])
        events += 1
        for rule_id, (wanted, conditions) in rules.items():
            if not any(all(source.get(key) == value.lower() for key, value in wanted.items()) for source in row["sources"]):
                continue
            pairs += 1
            theirs = any(condition(event) for condition in conditions)
            matches += theirs
            if theirs != (rule_id in ours):
                differing.append((rule_id, "pySigma" if theirs else "this engine", json.dumps(event)[:300]))
    for name, reason in unread:
        print(f"unread: {name}: {reason}")
    for rule_id, who, event in differing[:50]:
        print(f"only {who} matches {rule_id}: {event}")
    print(f"{len(rules)} rules, {events} events, {pairs} pairs of one log source, {matches} matches, {len(differing)} differ, {len(unread)} unread")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
