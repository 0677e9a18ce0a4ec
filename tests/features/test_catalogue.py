"""Every feature says what it is, once."""

from __future__ import annotations

from typing import get_args

import pytest

from features.catalogue import Subject, feature, features_of

SUBJECTS: tuple[Subject, ...] = get_args(Subject)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_each_feature_is_named_once_and_documented(subject: Subject) -> None:
    features = features_of(subject)
    assert len({f.name for f in features}) == len(features)
    assert all(f.definition and f.unit and f.nulls and f.label for f in features)


def test_there_are_sixty_and_more() -> None:
    assert len(features_of("provider")) >= 30
    assert sum(len(features_of(subject)) for subject in SUBJECTS) >= 60


def test_an_unknown_feature_is_refused() -> None:
    with pytest.raises(KeyError, match="provider profiles have no feature charm"):
        feature("provider", "charm")
