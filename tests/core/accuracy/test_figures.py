# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import numpy as np
import pytest

from s2landcover_plugin.core.accuracy.figures import (
    ConfusionMatrix,
    allocation_disagreement,
    class_figures,
    exchange,
    f1_score,
    headline_figures,
    headline_values,
    intersection_over_union,
    kappa,
    macro_mean,
    matthews,
    overall_accuracy,
    precision,
    quantity_disagreement,
    recall,
    weighted_mean,
)
from s2landcover_plugin.core.class_raster import legend_for
from s2landcover_plugin.core.errors import InputError

# Congalton (1991, https://doi.org/10.1016/0034-4257(91)90048-B), table 1: rows classified, columns reference;
# deciduous, conifer, agriculture, shrub.
CONGALTON = np.array([[65, 4, 22, 24], [6, 81, 5, 8], [0, 11, 85, 19], [4, 7, 3, 90]])


def test_congaltons_matrix_gives_the_printed_figures():
    assert round(100 * overall_accuracy(CONGALTON)) == 74
    np.testing.assert_array_equal(np.rint(100 * recall(CONGALTON)), [87, 79, 74, 64])
    np.testing.assert_array_equal(np.rint(100 * precision(CONGALTON)), [57, 81, 74, 87])


def test_kappa_follows_its_definition():
    # Cohen's kappa by hand: agreement 0.7, by chance 0.5 * 0.6 + 0.5 * 0.4 = 0.5.
    assert kappa(np.array([[20, 5], [10, 15]])) == pytest.approx(0.4)


def test_f1_and_iou_follow_from_hits_false_alarms_and_misses():
    counts = np.array([[6, 2], [4, 8]])
    np.testing.assert_allclose(f1_score(counts), [2 * 6 / (8 + 10), 2 * 8 / (12 + 10)])
    np.testing.assert_allclose(intersection_over_union(counts), [6 / 12, 8 / 14])


def test_undefined_figures_are_not_zero():
    # The middle class is never mapped, the last is never in the reference.
    counts = np.array([[5, 3, 0], [0, 0, 0], [2, 0, 0]])
    np.testing.assert_allclose(precision(counts), [5 / 8, np.nan, 0])
    np.testing.assert_allclose(recall(counts), [5 / 7, 0, np.nan])
    figures = class_figures(ConfusionMatrix(legend_for([1, 2, 3]), counts))
    assert (figures[1].precision, figures[1].recall, figures[1].f1) == (None, 0.0, 0.0)
    assert (figures[2].precision, figures[2].recall, figures[2].iou) == (0.0, None, 0.0)
    assert (figures[0].map_pixels, figures[0].reference_pixels, figures[0].correct_pixels) == (8, 7, 5)


def test_means_run_over_the_classes_of_the_reference():
    counts = np.array([[5, 3, 0], [0, 0, 0], [2, 0, 0]])
    assert macro_mean(f1_score(counts), counts) == pytest.approx((10 / 15 + 0) / 2)
    assert macro_mean(precision(counts), counts) == pytest.approx(5 / 8)
    assert weighted_mean(f1_score(counts), counts) == pytest.approx(10 / 15 * 7 / 10)


@pytest.mark.parametrize("counts", [np.zeros((2, 2)), np.array([[7, 0], [0, 0]])])
def test_kappa_is_undefined_without_anything_to_distinguish(counts):
    assert headline_figures(ConfusionMatrix(legend_for([1, 2]), counts)).kappa is None


def test_a_matrix_without_pixels_has_no_figures():
    figures = headline_figures(ConfusionMatrix(legend_for([4]), np.zeros((1, 1))))
    assert figures.pixels == 0
    assert {figures.overall_accuracy, figures.mean_iou, figures.macro_f1, figures.weighted_f1} == {None}


def test_large_counts_do_not_overflow():
    counts = CONGALTON.astype(np.int64) * 10**15
    assert kappa(counts) == pytest.approx(kappa(CONGALTON))


@pytest.mark.parametrize(
    ("counts", "message"), [(np.zeros((3, 3)), r"shape \(3, 3\)"), (np.array([[1, -1], [0, 0]]), "negative")]
)
def test_a_matrix_that_cannot_be_is_refused(counts, message):
    with pytest.raises(InputError, match=message):
        ConfusionMatrix(legend_for([1, 2]), counts)


def test_a_matrix_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        ConfusionMatrix(legend_for([1]), np.ones((1, 1))).counts[0, 0] = 2


def test_matthews_of_two_classes_is_the_correlation_of_the_labels():
    counts = np.array([[20, 5], [10, 15]])
    on_map, in_reference = np.repeat([0, 0, 1, 1], counts.ravel()), np.repeat([0, 1, 0, 1], counts.ravel())
    assert matthews(counts) == pytest.approx(np.corrcoef(on_map, in_reference)[0, 1])


def test_matthews_of_several_classes_follows_gorodkin():
    # Gorodkin (2004), equation 1: covariances of the one-hot labels, summed over the classes.
    pixels = np.repeat(np.arange(16), CONGALTON.ravel())
    on_map, in_reference = np.eye(4)[pixels // 4], np.eye(4)[pixels % 4]

    def covariance(first, second):
        return ((first - first.mean(axis=0)) * (second - second.mean(axis=0))).sum()

    spread = np.sqrt(covariance(on_map, on_map) * covariance(in_reference, in_reference))
    assert matthews(CONGALTON) == pytest.approx(covariance(on_map, in_reference) / spread)


@pytest.mark.parametrize(
    ("counts", "parts"),
    [
        # Two classes have swapped four pixels each; nothing else differs.
        ([[6, 4], [4, 6]], (0.0, 0.4, 0.4)),
        # A pixel of each class has moved on to the next: totals agree and no pair swaps.
        ([[9, 1, 0], [0, 9, 1], [1, 0, 9]], (0.0, 0.1, 0.0)),
        # Three pixels more of one class than there are.
        ([[5, 3], [0, 2]], (0.3, 0.0, 0.0)),
    ],
)
def test_disagreement_is_of_quantity_by_exchange_or_by_shift(counts, parts):
    counts = np.array(counts)
    found = (quantity_disagreement(counts), allocation_disagreement(counts), exchange(counts))
    assert found == pytest.approx(parts)
    assert found[0] + found[1] == pytest.approx(1 - overall_accuracy(counts))


def test_averages_over_all_pixels_and_the_composite():
    figures = headline_figures(ConfusionMatrix(legend_for([1, 2]), np.array([[6, 2], [4, 8]])))
    assert figures.micro_iou == pytest.approx(14 / 26)
    assert figures.weighted_iou == pytest.approx((10 * 6 / 12 + 10 * 8 / 14) / 20)
    assert figures.composite == pytest.approx((0.7 + figures.mean_iou) / 2)


def test_area_proportions_have_the_figures_of_their_counts():
    shares = headline_values(CONGALTON / CONGALTON.sum())
    assert shares == pytest.approx(headline_values(CONGALTON))
