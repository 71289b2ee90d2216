# SPDX-License-Identifier: GPL-2.0-or-later
"""The literature that the report refers to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """A reference: its text, and its address if it has one."""

    text: str
    link: str = ""


CITED = {
    "Cochran 1977": Source("Cochran, W. G. (1977). Sampling techniques, third edition. Wiley, New York."),
    "Cohen 1960": Source(
        "Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and Psychological Measurement "
        "20, 37–46.",
        "https://doi.org/10.1177/001316446002000104",
    ),
    "Efron 1979": Source(
        "Efron, B. (1979). Bootstrap methods: another look at the jackknife. Annals of Statistics 7, 1–26.",
        "https://doi.org/10.1214/aos/1176344552",
    ),
    "Foody 2020": Source(
        "Foody, G. M. (2020). Explaining the unsuitability of the kappa coefficient in the assessment and comparison "
        "of the accuracy of thematic maps obtained by image classification. Remote Sensing of Environment 239, 111630.",
        "https://doi.org/10.1016/j.rse.2019.111630",
    ),
    "Guo et al. 2017": Source(
        "Guo, C., Pleiss, G., Sun, Y., Weinberger, K. Q. (2017). On calibration of modern neural networks. "
        "Proceedings of Machine Learning Research 70, 1321–1330.",
        "https://doi.org/10.48550/arXiv.1706.04599",
    ),
    "Künsch 1989": Source(
        "Künsch, H. R. (1989). The jackknife and the bootstrap for general stationary observations. Annals of "
        "Statistics 17, 1217–1241.",
        "https://doi.org/10.1214/aos/1176347265",
    ),
    "Olofsson et al. 2014": Source(
        "Olofsson, P., Foody, G. M., Herold, M., Stehman, S. V., Woodcock, C. E., Wulder, M. A. (2014). Good practices "
        "for estimating area and assessing accuracy of land change. Remote Sensing of Environment 148, 42–57.",
        "https://doi.org/10.1016/j.rse.2014.02.015",
    ),
    "Pontius and Millones 2011": Source(
        "Pontius, R. G., Millones, M. (2011). Death to kappa: birth of quantity disagreement and allocation "
        "disagreement for accuracy assessment. International Journal of Remote Sensing 32, 4407–4429.",
        "https://doi.org/10.1080/01431161.2011.552923",
    ),
    "Stehman 2014": Source(
        "Stehman, S. V. (2014). Estimating area and map accuracy for stratified random sampling when the strata are "
        "different from the map classes. International Journal of Remote Sensing 35, 4923–4939.",
        "https://doi.org/10.1080/01431161.2014.930207",
    ),
}
"""By author and year, as the texts cite them."""
