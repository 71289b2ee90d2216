# SPDX-License-Identifier: GPL-2.0-or-later
"""Published worked examples, to the printed digits; then what must hold whatever the sample."""

from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.accuracy.estimation import Z95, Estimate, estimate, sampling_notes
from s2landcover_plugin.core.accuracy.sample import LabelledSample, labelled_sample, poststratified
from s2landcover_plugin.core.errors import InputError

# Olofsson et al. (2014, https://doi.org/10.1016/j.rse.2014.02.015), table 8: deforestation, forest gain, stable forest,
# stable non-forest; rows are the map, which gave the strata. Mapped areas in Landsat pixels of 30 m.
OLOFSSON = np.array([[66, 0, 5, 4], [0, 55, 8, 12], [1, 0, 153, 11], [2, 1, 9, 313]])
OLOFSSON_PIXELS = (200_000, 150_000, 3_200_000, 6_450_000)
HECTARES = 0.09

# Stehman (2014, https://doi.org/10.1080/01431161.2014.930207), table 2: (stratum, map class, reference class, units).
STEHMAN = (
    *("AAA5", "AAC1", "AAB1", "ABA1", "ABB1", "ABC1"),
    *("BAA1", "BBB5", "BBA2", "BBB2"),
    *("CBC2", "CCC3", "CCD2", "CCB1", "CBB1", "CBA1"),
    *("DDD7", "DDC2", "DDB1"),
)
STEHMAN_SIZES = {1: 40_000, 2: 30_000, 3: 20_000, 4: 10_000}


def by_map_class(matrix, sizes):
    """Return a sample whose strata are the rows of an error matrix."""
    counts = np.zeros((len(matrix), len(matrix), len(matrix)), np.int64)
    for row, units in enumerate(matrix):
        counts[row, row] = units
    classes = tuple(range(1, len(matrix) + 1))
    return LabelledSample(classes, classes, np.array(sizes), counts)


def values(estimates):
    return np.array([np.nan if item.value is None else item.value for item in estimates])


def errors(estimates):
    return np.array([np.nan if item.standard_error is None else item.standard_error for item in estimates])


@pytest.fixture(scope="module")
def olofsson():
    return estimate(by_map_class(OLOFSSON, OLOFSSON_PIXELS), finite=False)


def test_the_area_matrix_of_olofsson_2014(olofsson):
    # Table 9.
    printed = [[0.0176, 0, 0.0013, 0.0011], [0, 0.0110, 0.0016, 0.0024], [0.0019, 0, 0.2967, 0.0213]]
    np.testing.assert_array_equal(olofsson.proportions.round(4), [*printed, [0.0040, 0.0020, 0.0179, 0.6212]])


def test_the_accuracies_of_olofsson_2014(olofsson):
    # Section 5.2.1.
    assert round(olofsson.overall.value, 2) == 0.95
    assert round(olofsson.overall.half_width, 2) == 0.02
    np.testing.assert_array_equal(values(olofsson.users).round(2), [0.88, 0.73, 0.93, 0.96])
    np.testing.assert_array_equal((Z95 * errors(olofsson.users)).round(2), [0.07, 0.10, 0.04, 0.02])
    np.testing.assert_array_equal(values(olofsson.producers).round(2), [0.75, 0.85, 0.93, 0.96])
    # The paper prints 0.21, 0.23, 0.03 and 0.01. Its own equation 7 gives 0.25 and 0.02 for the second and fourth.
    np.testing.assert_array_equal((Z95 * errors(olofsson.producers)).round(2), [0.21, 0.25, 0.03, 0.02])


def test_the_areas_of_olofsson_2014(olofsson):
    # Section 5.2.2, hectares.
    areas = olofsson.areas(HECTARES)
    np.testing.assert_array_equal(values(areas).round(), [21_158, 11_686, 285_770, 581_386])
    np.testing.assert_array_equal((Z95 * errors(areas)).round(), [6_158, 3_756, 15_510, 16_282])
    pixels = olofsson.areas(1)[0]
    assert (round(pixels.value), round(pixels.half_width)) == (235_086, 68_418)


def test_standard_errors_are_equations_5_to_7_and_10_of_olofsson_2014(olofsson):
    """The same by the paper's own formulas, which do not look like ratios of totals."""
    units, sizes = OLOFSSON.sum(axis=1), np.array(OLOFSSON_PIXELS, float)
    weights, rows = sizes / sizes.sum(), OLOFSSON / OLOFSSON.sum(axis=1, keepdims=True)
    users = np.diag(rows)
    assert olofsson.overall.standard_error == pytest.approx(
        np.sqrt((weights**2 * users * (1 - users) / (units - 1)).sum())
    )
    np.testing.assert_allclose(errors(olofsson.users), np.sqrt(users * (1 - users) / (units - 1)))
    spread = rows * (1 - rows) / (units - 1)[:, np.newaxis]
    np.testing.assert_allclose(errors(olofsson.shares), np.sqrt((weights[:, np.newaxis] ** 2 * spread).sum(axis=0)))
    producers, totals = values(olofsson.producers), sizes @ rows
    for j in range(4):
        others = np.arange(4) != j
        own = sizes[j] ** 2 * (1 - producers[j]) ** 2 * users[j] * (1 - users[j]) / (units[j] - 1)
        rest = producers[j] ** 2 * (sizes**2 * spread[:, j])[others].sum()
        assert errors(olofsson.producers)[j] == pytest.approx(np.sqrt(own + rest) / totals[j])


def stehman():
    rows = [["ABCD".index(letter) + 1 for letter in code[:3]] for code in STEHMAN for _ in range(int(code[3]))]
    strata, mapped, reference = zip(*rows)
    return labelled_sample(strata, mapped, reference, STEHMAN_SIZES)


def test_the_estimates_of_stehman_2014():
    # Pages 4932-4936: shares of A and C, overall accuracy, user's and producer's accuracy of B, cell (B, C).
    found = estimate(stehman())
    assert values(found.shares)[[0, 2]].round(2).tolist() == [0.35, 0.20]
    assert errors(found.shares)[[0, 2]].round(3).tolist() == [0.082, 0.064]
    assert (round(found.overall.value, 2), round(found.overall.standard_error, 3)) == (0.63, 0.085)
    assert (round(found.users[1].value, 3), round(found.users[1].standard_error, 3)) == (0.574, 0.125)
    assert round(found.producers[1].value, 3) == 0.794
    # The paper prints 0.114, with 0.00 for the variance of x in stratum D, which its table 3 gives as 0.10.
    assert round(found.producers[1].standard_error, 3) == 0.117
    assert round(found.proportions[1, 2], 2) == 0.08


@pytest.mark.parametrize(
    ("finite", "users", "producers"),
    [
        # As printed by the R packages mapaccuracy 0.1.2 (with the finite population correction) and mapac 0.31
        # (without) for the same data.
        (True, 0.1247822, 0.1165479),
        (False, 0.1248023, 0.1165671),
    ],
)
def test_other_programs_find_the_same(finite, users, producers):
    found = estimate(stehman(), finite)
    assert found.users[1].value == pytest.approx(0.5744681, abs=1e-7)
    assert found.users[1].standard_error == pytest.approx(users, abs=1e-7)
    assert found.producers[1].value == pytest.approx(0.7941176, abs=1e-7)
    assert found.producers[1].standard_error == pytest.approx(producers, abs=1e-7)
    if finite:
        assert found.overall.standard_error == pytest.approx(0.08464219, abs=1e-8)
        assert errors(found.shares)[[0, 2]] == pytest.approx([0.0822478, 0.06427977], abs=1e-7)


def test_the_data_of_olofsson_2013():
    """The sample of Olofsson et al. (2013, https://doi.org/10.1016/j.rse.2012.10.031), areas in hectares; by hand."""
    found = estimate(by_map_class([[97, 0, 3], [3, 279, 18], [2, 1, 97]], (22_353, 1_122_543, 610_228)), finite=False)
    deforested = 22_353 * 0.97 + 1_122_543 * 0.01 + 610_228 * 0.02
    assert found.areas(1)[0].value == pytest.approx(deforested)
    assert found.users[0].value == pytest.approx(0.97)
    assert found.producers[0].value == pytest.approx(22_353 * 0.97 / deforested)
    assert found.overall.value == pytest.approx((22_353 * 0.97 + 1_122_543 * 0.93 + 610_228 * 0.97) / 1_755_124)


def test_one_stratum_is_a_simple_random_sample():
    # A proportion and its standard error with the finite population correction: Cochran (1977), equation 3.8.
    sample = labelled_sample([0] * 40, [1] * 25 + [2] * 15, [1] * 20 + [2] * 20, {0: 400})
    found = estimate(sample)
    assert found.overall.value == pytest.approx(35 / 40)
    assert found.overall.standard_error == pytest.approx(np.sqrt(0.9 * 0.875 * 0.125 / 39))
    assert found.areas(2.0)[0].value == pytest.approx(400)


def test_sampling_every_pixel_leaves_no_error():
    sample = labelled_sample([1, 1, 2], [1, 1, 2], [1, 2, 2], {1: 2, 2: 1})
    found = estimate(sample)
    assert found.overall == Estimate(pytest.approx(2 / 3), 0.0)
    assert found.single == ()


@pytest.mark.parametrize("units", [(12, 10, 8), (40, 15, 25)])
def test_estimates_are_unbiased_and_their_errors_true(units):
    """Draws many samples of a known map whose strata are not its classes, and looks at the spread of the estimates."""
    random = np.random.default_rng(5)
    reference = random.choice(3, 3_000, p=[0.5, 0.3, 0.2])
    mapped = np.where(random.random(3_000) < 0.8, reference, random.choice(3, 3_000))
    strata = np.where(random.random(3_000) < 0.7, mapped, random.choice(3, 3_000))
    members = [np.flatnonzero(strata == h) for h in range(3)]
    sizes = {h: len(pixels) for h, pixels in enumerate(members)}
    found, spread, covered = [], [], []
    truth = np.array([(mapped == reference).mean(), *(np.bincount(reference) / 3_000)])
    for _ in range(400):
        drawn = np.concatenate([random.choice(pixels, n, replace=False) for pixels, n in zip(members, units)])
        result = estimate(
            labelled_sample(strata[drawn].tolist(), mapped[drawn].tolist(), reference[drawn].tolist(), sizes)
        )
        every = (result.overall, *result.shares)
        found.append(values(every))
        spread.append(errors(every))
        covered.append(np.abs(values(every) - truth) <= Z95 * errors(every))
    found, spread = np.array(found), np.array(spread)
    # Four standard errors of a mean of 400 draws.
    np.testing.assert_array_less(np.abs(found.mean(axis=0) - truth), 4 * found.std(axis=0) / 20)
    np.testing.assert_allclose(np.sqrt((spread**2).mean(axis=0)), found.std(axis=0), rtol=0.12)
    assert (np.mean(covered, axis=0) > 0.88).all()


def test_a_stratum_without_units_is_left_out_and_said():
    sample = labelled_sample([1, 1, 1], [1, 1, 1], [1, 1, 2], {1: 60, 2: 40})
    found = estimate(sample)
    assert (found.unsampled, found.pixels) == ((2,), 60)
    assert found.proportions.sum() == pytest.approx(1)
    notes = sampling_notes(found, sample, {}, {2: "wetland"})
    assert "wetland (40.0% of the area)" in notes[0]


def test_a_stratum_with_one_unit_has_estimates_without_errors():
    sample = labelled_sample([1, 1, 1, 2], [1, 1, 1, 2], [1, 1, 2, 2], {1: 60, 2: 40})
    found = estimate(sample)
    assert found.single == (2,)
    assert found.overall == Estimate(pytest.approx(0.6 * 2 / 3 + 0.4), None)
    assert found.overall.interval(greatest=1) is None
    # The other class is a stratum of its own.
    assert found.users[0].standard_error is not None
    assert found.users[1] == Estimate(1.0, None)
    assert any("Only one unit was labelled in b" in note for note in sampling_notes(found, sample, {}, {2: "b"}))


def test_classes_on_one_side_only():
    sample = labelled_sample([1, 1, 2, 2], [1, 1, 2, 2], [1, 3, 1, 1], {1: 50, 2: 50})
    found = estimate(sample)
    assert sample.classes == (1, 2, 3)
    assert found.users[2] == Estimate(None, None)
    assert found.producers[1] == Estimate(None, None)
    assert values(found.shares).tolist() == pytest.approx([0.75, 0, 0.25])
    text = " ".join(sampling_notes(found, sample, {2: "bog", 3: "ice"}, {}))
    assert "never on the map: ice" in text
    assert "never in the reference: bog" in text


def test_a_class_without_an_error_is_said():
    sample = labelled_sample([1, 1, 2, 2], [1, 1, 2, 2], [1, 1, 1, 2], {1: 50, 2: 50})
    found = estimate(sample)
    assert found.without_error == (1,)
    assert "mapped as bog was right" in " ".join(sampling_notes(found, sample, {1: "bog"}, {}))


def test_stratifying_afterwards_is_the_stratified_estimator():
    drawn = labelled_sample([0] * 8, [1] * 5 + [2] * 3, [1, 1, 1, 1, 2, 2, 2, 1], {0: 1_000})
    after = poststratified(drawn, {1: 700, 2: 300})
    assert after.sizes.tolist() == [700, 300]
    assert estimate(after).overall.value == pytest.approx(0.7 * 4 / 5 + 0.3 * 2 / 3)
    assert estimate(after).overall.value != estimate(drawn).overall.value


def test_intervals_stay_within_what_is_possible():
    assert Estimate(0.99, 0.05).interval(greatest=1.0) == (pytest.approx(0.892), 1.0)
    assert Estimate(0.01, 0.05).interval()[0] == 0.0
    assert Estimate(0.5, 0.1).times(200).half_width == pytest.approx(1.96 * 20)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (([1], [1], [], {1: 5}), "needs one of each"),
        (([1], [1], [1], {2: 5}), "size of stratum 1 is not known"),
        (([], [], [], {1: 5}), "no labelled unit"),
        (([1, 1], [1, 1], [1, 1], {1: 1}), "has 2 sample units but a size of 1"),
    ],
)
def test_samples_that_cannot_be(given, message):
    with pytest.raises(InputError, match=message):
        labelled_sample(*given)


def test_only_a_sample_without_strata_is_stratified_afterwards():
    with pytest.raises(InputError, match="without strata"):
        poststratified(stehman(), {1: 5})
