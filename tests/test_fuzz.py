"""Random documents in random styles under random patches, and random text: nothing wrong, and only errors of ours.

Every counterexample that was found is a case in `cases/fuzz`, so that it is tested without hypothesis too.
"""

from __future__ import annotations

import re

from examples import examples
from hypothesis import assume, given
from hypothesis import strategies as st
from law import check_laws
from random_document import streams
from random_patch import patches

from retouch import load_text, rewrite
from retouch.error import InputError
from retouch.node import plain
from retouch.patcher import patch_text
from retouch.reading.document import Document, read
from retouch.value import equal

RULES = load_text(
    "apiVersion: retouch/v1\nkind: RuleSet\nmetadata: {name: fuzz}\nrules:\n- id: one\n  actions:\n"
    "  - set: $.new\n    value: {a: [1, x]}\n    when: doc is mapping\n"
)

REFUSED = re.compile(r"has a tag|YAML readers take|cannot be moved there|JSON has no number|quote that value first")
"""Why an edit may be refused: what it would lose or what readers disagree on."""


@examples(200)
@given(streams())
def test_random_text_says_what_it_was_made_of(stream):
    documents = read(stream.text)
    assert rewrite(stream.text, ()).text == stream.text
    if stream.data is not None:
        assert equal([plain(document.root) for document in documents], stream.data)


@examples(200)
@given(st.data())
def test_random_patch_of_a_random_document(data):
    text = data.draw(streams()).text
    documents = read(text)
    assume(documents)
    document = documents[data.draw(st.integers(0, len(documents) - 1))]
    patch = data.draw(patches(plain(document.root)))
    patch_and_check(text, document, patch)


def patch_and_check(text: str, document: Document, patch: list) -> None:
    try:
        result = patch_text(text, patch, document.index, item=document.item)
    except InputError as error:
        if not REFUSED.search(str(error)):
            raise
        return
    check_laws(text, result, patch=patch)
